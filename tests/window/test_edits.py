"""A knob under the hand does not jump back while its edit is on the way."""

import numpy as np

from rtvae.window.edits import HOLD_S, PendingEdits


def test_an_edit_is_shown_until_the_block_has_it() -> None:
    edits, values = PendingEdits(), np.zeros(3, np.float32)
    edits.note(1, 0.1, 0.0)
    edits.settle(values, 0.01)
    assert edits.value(1, values) == 0.1
    values[1] = 0.1
    edits.settle(values, 0.02)
    values[1] = 0.7
    assert edits.value(1, values) == np.float32(0.7)


def test_an_edit_that_never_arrives_gives_way_to_the_truth() -> None:
    edits, values = PendingEdits(), np.zeros(3, np.float32)
    edits.note(1, 0.5, 0.0)
    edits.settle(values, HOLD_S + 0.01)
    assert edits.value(1, values) == 0.0


def test_the_newest_edit_counts_while_older_ones_arrive() -> None:
    edits, values = PendingEdits(), np.zeros(3, np.float32)
    edits.note(0, 0.1, 0.0)
    edits.note(0, 0.2, 0.01)
    values[0] = 0.1
    edits.settle(values, 0.02)
    assert edits.value(0, values) == 0.2
