"""Undo and redo: one gesture is one edit, and back and forth again is where it was."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rtvae.control.history import DEPTH, Edit, History

X, Y = "latent.3.offset", "latent.3.scale"


class Player:
    """Holds values, edits them through a history and follows its undo and redo."""

    def __init__(self, depth: int = DEPTH) -> None:
        self.values: dict[str, float] = {}
        self.state = "first"
        self.history: History[str] = History(depth)

    def turn(self, now_s: float, by: str = "window", **values: float) -> None:
        named = {name.replace("__", "."): value for name, value in values.items()}
        before = {name: self.values.get(name, 0.0) for name in named}
        self.values.update(named)
        self.history.turned(before, named, by, now_s)

    def load(self, state: str) -> None:
        before, self.state = self.state, state
        self.history.did(f"preset {state}", before, state)

    def undo(self) -> bool:
        edit = self.history.undo()
        return self._follow(edit, "before") if edit is not None else False

    def redo(self) -> bool:
        edit = self.history.redo()
        return self._follow(edit, "after") if edit is not None else False

    def _follow(self, edit: Edit[str], side: str) -> bool:
        self.values.update(getattr(edit, side))
        self.state = getattr(edit, f"whole_{side}") or self.state
        return True


def test_one_gesture_is_one_edit() -> None:
    player = Player()
    for k in range(50):
        player.turn(10.0 + k * 0.9, latent__3__offset=k / 10)
    assert player.history.undo_text == "undo: latent 3 offset"
    assert player.undo()
    assert player.values[X] == 0.0
    assert player.history.undo_text == ""
    assert player.history.redo_text == "redo: latent 3 offset"
    assert player.redo()
    assert player.values[X] == 4.9


def test_a_rest_or_another_source_or_parameter_begins_a_new_edit() -> None:
    player = Player()
    player.turn(0.0, latent__3__offset=1.0)
    player.turn(1.5, latent__3__offset=2.0)
    player.turn(1.6, by="midi", latent__3__offset=3.0)
    player.turn(1.7, by="midi", latent__3__scale=0.5)
    seen = []
    while player.undo():
        seen.append((player.values[X], player.values.get(Y)))
    assert seen == [(3.0, 0.0), (2.0, 0.0), (1.0, 0.0), (0.0, 0.0)]


def test_two_hands_are_two_edits_though_they_alternate() -> None:
    player = Player()
    for k in range(20):
        player.turn(k * 0.05, by="midi", latent__3__offset=float(k))
        player.turn(k * 0.05, by="midi", latent__3__scale=float(-k))
    assert player.undo()
    assert (player.values[X], player.values[Y]) == (19.0, 0.0)
    assert player.undo()
    assert (player.values[X], player.values[Y]) == (0.0, 0.0)
    assert not player.undo()


def test_a_morph_is_one_edit_whatever_it_moves() -> None:
    player = Player()
    player.turn(0.0, by="morph", latent__3__offset=1.0)
    player.turn(0.1, by="morph", latent__3__offset=1.5, latent__3__scale=2.0)
    assert player.history.undo_text == "undo: morph"
    player.undo()
    assert (player.values[X], player.values[Y]) == (0.0, 0.0)


def test_the_knob_of_a_morph_and_all_that_follows_from_it_are_one_edit() -> None:
    player = Player()
    for k in range(1, 9):
        player.turn(k * 0.1, by="midi", pad_x=k / 10)
        player.turn(k * 0.1, by="morph", latent__3__offset=float(k), latent__3__scale=1.0)
    assert player.history.undo_text == "undo: XY pad"
    player.undo()
    assert player.values == {"pad_x": 0.0, X: 0.0, Y: 0.0}
    assert not player.undo()


def test_loading_a_preset_is_one_edit_and_ends_a_gesture() -> None:
    player = Player()
    player.turn(0.0, latent__3__offset=1.0)
    player.load("Glass")
    player.turn(0.1, latent__3__offset=2.0)
    assert player.undo()
    assert (player.values[X], player.state) == (1.0, "Glass")
    assert player.history.undo_text == "undo: preset Glass"
    assert player.undo()
    assert player.state == "first"
    assert player.redo()
    assert player.state == "Glass"


def test_what_is_no_edit_leaves_no_trace_and_does_not_forget_what_was_undone() -> None:
    player = Player()
    player.turn(0.0, latent__3__offset=1.0)
    player.undo()
    player.turn(0.1, by="midi", beat=4.0, tempo_bpm=90.0)
    player.turn(0.2, mute=1.0)
    player.turn(0.3, by="preset", mix=0.5)
    player.turn(0.4, latent__3__offset=player.values[X])
    assert player.history.undo_text == ""
    assert player.redo()
    player.turn(5.0, latent__3__offset=7.0)
    assert not player.redo()


def test_a_gesture_that_was_taken_back_and_done_again_is_over() -> None:
    player = Player()
    player.turn(0.0, latent__3__offset=1.0)
    player.undo()
    player.redo()
    player.turn(0.1, latent__3__offset=2.0)
    player.undo()
    assert player.values[X] == 1.0


def test_the_oldest_edits_are_forgotten() -> None:
    player = Player(depth=3)
    for k in range(5):
        player.turn(10.0 * k, latent__3__offset=float(k + 1))
    assert [player.undo() for _ in range(4)] == [True, True, True, False]
    assert player.values[X] == 2.0


def test_a_long_list_of_names_is_told_in_short() -> None:
    player = Player()
    player.turn(0.0, mix=0.5, blend=0.5, feedback_ms=7.0, leash=0.1)
    assert player.history.undo_text == "undo: mix, blend and 2 more"


_EDITS = st.one_of(
    st.tuples(
        st.sampled_from(["latent__3__offset", "latent__3__scale", "mix"]),
        st.sampled_from(["window", "midi", "morph"]),
        st.floats(0.0, 3.0),
        st.integers(0, 5).map(float),
    ),
    st.sampled_from(["Glass", "Choir"]),
)


@given(st.lists(_EDITS, max_size=30))
def test_all_the_way_back_is_the_beginning_and_all_the_way_forth_the_end(edits: list[Any]) -> None:
    player, now_s = Player(), 0.0
    for edit in edits:
        if isinstance(edit, str):
            player.load(edit)
        else:
            name, by, seconds, value = edit
            now_s += seconds
            player.turn(now_s, by, **{name: value})
    end = dict(player.values), player.state
    while player.undo():
        pass
    assert (set(player.values.values()) <= {0.0}, player.state) == (True, "first")
    while player.redo():
        pass
    assert (player.values, player.state) == end
