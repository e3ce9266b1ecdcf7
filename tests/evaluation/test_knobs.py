"""Knobs of a synthesiser whose every knob is known."""

import numpy as np
import pytest

from rtvae.evaluation.card_facts import attribute_facts
from rtvae.evaluation.knobs import KnobEffect, knob_effects, named_dimensions, named_knob_effects
from rtvae.evaluation.pitch import praat_pitch_hz
from rtvae.model.card import format_card, parse_card
from tests.support.synth_model import CENTS_PER_UNIT, DB_PER_UNIT, SynthModel
from tests.support.tones import Sound, seconds, steady


def sounds() -> list[Sound]:
    swell = 0.4 + 0.3 * np.sin(2 * np.pi * seconds(1.0))
    return [(steady(hz, 1.0) * swell).astype(np.float32) for hz in (150.0, 400.0)]


def effect(dimension: int) -> KnobEffect:
    return knob_effects(SynthModel(), sounds(), dimension, tracker=praat_pitch_hz)


def test_the_loudness_knob_moves_loudness_and_nothing_else() -> None:
    found = effect(0)
    assert found.change["loudness"] == pytest.approx(
        [DB_PER_UNIT * offset for offset in found.offsets], abs=0.05
    )
    assert found.per_unit("loudness") == pytest.approx(DB_PER_UNIT, abs=0.05)
    assert found.monotonic("loudness")
    assert found.per_unit("brightness") == pytest.approx(0.0, abs=0.02)
    assert found.per_unit("pitch") == pytest.approx(0.0, abs=0.5)


def test_the_pitch_knob_moves_pitch_by_cents_and_brightness_along() -> None:
    found = effect(2)
    assert found.change["pitch"] == pytest.approx(
        [CENTS_PER_UNIT * offset for offset in found.offsets], abs=3.0
    )
    assert found.monotonic("pitch")
    assert found.per_unit("brightness") == pytest.approx(CENTS_PER_UNIT / 1200, abs=0.05)
    assert found.per_unit("loudness") == pytest.approx(0.0, abs=0.8)


def test_the_brightness_knob_moves_brightness_and_leaves_pitch() -> None:
    found = effect(1)
    assert found.monotonic("brightness")
    assert (found.per_unit("brightness") or 0.0) > 0.3
    assert found.per_unit("pitch") == pytest.approx(0.0, abs=1.0)


def test_a_knob_that_does_nothing_or_turns_back_is_not_monotonic() -> None:
    offsets = (-1.0, 0.0, 1.0)
    spread = {"loudness": 2.0, "brightness": None, "pitch": 0.0}
    found = KnobEffect(
        0,
        "loudness",
        offsets,
        {"loudness": (-4.0, 0.0, 4.0), "brightness": (0.1, 0.0, 0.1), "pitch": (None, 0.0, 5.0)},
        spread,
    )
    assert found.monotonic("loudness")
    assert not found.monotonic("brightness")
    assert not found.monotonic("pitch")  # not known everywhere
    assert found.in_spreads("loudness") == pytest.approx(2.0)
    assert found.in_spreads("brightness") is None
    assert found.in_spreads("pitch") is None


def test_without_a_tracker_nothing_is_said_of_pitch() -> None:
    found = knob_effects(SynthModel(), sounds()[:1], 0)
    assert found.change["pitch"] == (None,) * len(found.offsets)
    assert found.per_unit("pitch") is None


def test_only_what_is_named_after_an_attribute_counts_as_its_knob() -> None:
    model = SynthModel(names=("loudness", "timbre 2", "pitch"))
    assert named_dimensions(model.card) == {0: "loudness", 2: "pitch"}
    found = named_knob_effects(model, sounds()[:1], praat_pitch_hz)
    assert [(each.dimension, each.attribute) for each in found] == [(0, "loudness"), (2, "pitch")]


def test_the_facts_go_into_a_card_and_come_back() -> None:
    model = SynthModel()
    facts = attribute_facts(model, sounds(), praat_pitch_hz)
    assert facts["correlation_with_loudness"][0] == pytest.approx(1.0, abs=0.02)
    assert facts["correlation_with_loudness"][1:] == [0.0, 0.0]
    assert facts["knob_loudness"]["monotonic"] is True
    assert facts["knob_loudness"]["per_unit"]["loudness"] == pytest.approx(DB_PER_UNIT, abs=0.05)
    assert facts["knob_pitch"]["dimension"] == 3
    graphs = [f"{part}-{size}.onnx" for part in ("encoder", "decoder") for size in (1, 2, 4, 8)]
    files = {name: "0" * 64 for name in (*graphs, "golden.npz")}
    card = type(model.card)(**{**vars(model.card), "quality": facts, "files": files})
    assert parse_card(format_card(card), "synth").quality == facts
