"""Snapshots in the host: stored, recalled without a jump, morphed by knobs, kept in presets."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from rtvae.control.parameters import defaults
from rtvae.control.presets import CORNERS, Preset, SnapshotSetting
from rtvae.host.console import Console
from rtvae.host.map_shelf import MapShelf
from rtvae.host.notes import Note
from rtvae.host.part import Backstage
from rtvae.host.settings import Settings
from rtvae.host.snapshots import Snapshots
from rtvae.link.control_block import ControlWriter
from rtvae.link.layout import CONTROL, TELEMETRY
from rtvae.link.telemetry import TelemetryReader
from rtvae.model.space import Space
from tests.support.synth_space import add_space, make_space
from tests.support.toy_model import make_toy_model

LATENTS = 4


class Shelf(MapShelf):
    """Has the same space for every model."""

    reading = False

    def __init__(self, space: Space | None) -> None:
        super().__init__(lambda: None)
        self.space = space

    def space_of(self, path: str) -> Space | None:
        return None if self.reading else self.space


class Rig:
    def __init__(self, space: Space | None = None, attributes: tuple[str, ...] = ("",) * 4) -> None:
        self.now_s = 100.0
        self.notes: list[str] = []
        self.written: list[tuple[set[str], str]] = []
        block = np.zeros((), CONTROL)
        block["values"] = defaults()
        self.console = Console(Settings(ControlWriter(block)))
        self.latents: list[dict[str, Any]] = [
            {"name": f"d{k}", "low": -1.0, "high": 1.0, "attribute": a}
            for k, a in enumerate(attributes)
        ]
        self.stage = Backstage(
            self.console,
            self._say,
            lambda name, beside: None,
            lambda: {"latents": self.latents},
            TelemetryReader(np.zeros((), TELEMETRY)),
            Path(),
            engine=lambda: SimpleNamespace(start={"model": "/somewhere"}),  # type: ignore[arg-type]
        )
        self.console.listen(lambda values, by: self.written.append((set(values), by)))
        self.shelf = Shelf(space)
        self.part = Snapshots(self.stage, self.shelf, lambda: self.now_s)

    def _say(self, note: Note) -> None:
        self.notes.append(note.sentence)

    def ask(self, do: str, **arguments: object) -> None:
        self.part.deeds()[do](arguments)

    def wait(self, seconds: float = 1.0) -> None:
        self.now_s += seconds
        self.part.step(self.now_s)

    def turn(self, by: str = "midi", **values: float) -> None:
        named = {name.replace("_dot_", "."): value for name, value in values.items()}
        self.console.set(named, by)  # type: ignore[arg-type]

    def bend(self, *offsets: float, by: str = "window") -> None:
        self.console.set(
            {f"latent.{k}.offset": value for k, value in enumerate(offsets, 1)},
            by,  # type: ignore[arg-type]
        )

    @property
    def offsets(self) -> list[float]:
        values = self.console.values()
        return [round(values[f"latent.{k}.offset"], 4) for k in range(1, LATENTS + 1)]

    @property
    def shown(self) -> dict[str, Any]:
        return dict(self.part.info()["snapshots"])


@pytest.fixture
def rig() -> Rig:
    """Snapshots 1 to 4 are stored: all offsets 0, 1, 2 and 3; the knobs are at 3."""
    rig = Rig()
    for number in range(1, 5):
        rig.bend(*[float(number - 1)] * LATENTS)
        rig.ask("snapshot.store", number=number)
    return rig


def test_a_snapshot_is_gone_to_in_50_ms_without_a_jump(rig: Rig) -> None:
    rig.ask("snapshot.recall", number=1)
    assert rig.offsets == [3.0] * LATENTS
    rig.wait(0.025)
    assert rig.offsets == [1.5] * LATENTS
    rig.wait(0.025)
    assert rig.offsets == [0.0] * LATENTS
    written = len(rig.written)
    rig.wait()
    assert len(rig.written) == written, "once there, nothing more is written"


def test_how_long_it_glides_is_a_parameter(rig: Rig) -> None:
    rig.turn(glide_ms=2000.0)
    rig.ask("snapshot.recall", number=1)
    rig.wait(1.0)
    assert rig.offsets == [1.5] * LATENTS
    rig.turn(glide_ms=0.0)
    rig.ask("snapshot.recall", number=2)
    rig.wait(0.0)
    assert rig.offsets == [1.0] * LATENTS


def test_scales_belong_to_a_snapshot_and_other_settings_do_not(rig: Rig) -> None:
    rig.turn(latent_dot_2_dot_scale=2.0, mix=0.5)
    rig.ask("snapshot.store", number=16)
    rig.turn(latent_dot_2_dot_scale=0.0, mix=0.25)
    rig.ask("snapshot.recall", number=16)
    rig.wait()
    assert rig.console.values()["latent.2.scale"] == 2.0
    assert rig.console.values()["mix"] == 0.25


def test_a_knob_turned_by_hand_wins_until_the_next_movement(rig: Rig) -> None:
    rig.ask("snapshot.recall", number=1)
    rig.wait(0.025)
    rig.turn(latent_dot_2_dot_offset=-5.0)
    rig.wait()
    assert rig.offsets == [0.0, -5.0, 0.0, 0.0]
    rig.ask("snapshot.recall", number=2)
    rig.wait()
    assert rig.offsets == [1.0] * LATENTS


def test_what_a_preset_sets_is_not_glided_over(rig: Rig) -> None:
    rig.ask("snapshot.recall", number=1)
    rig.wait(0.025)
    rig.bend(7.0, 7.0, 7.0, 7.0, by="preset")
    rig.part.recall(Preset("p"))
    rig.wait()
    assert rig.offsets == [7.0] * LATENTS


@pytest.mark.parametrize("by", ["midi", "osc", "window"])
def test_the_morph_knob_goes_along_all_that_is_stored(rig: Rig, by: str) -> None:
    for share, offset in ((0.0, 0.0), (0.5, 1.5), (1.0, 3.0), (1.0 / 3.0, 1.0)):
        rig.turn(by, morph=share)
        rig.wait()
        rig.wait()
        assert rig.offsets == pytest.approx([offset] * LATENTS, abs=1e-4)
    assert rig.shown["morph"]["from"] in (1, 2)
    rig.ask("snapshot.clear", number=2)
    rig.turn(by, morph=0.5)
    rig.wait()
    rig.wait()
    assert rig.offsets == [2.0] * LATENTS


def test_a_preset_that_sets_the_morph_moves_nothing(rig: Rig) -> None:
    rig.turn("preset", morph=0.0, pad_x=0.0, map_x=0.0)
    rig.wait()
    rig.wait()
    assert rig.offsets == [3.0] * LATENTS


def test_morphing_between_two_goes_the_way_that_is_asked_for(rig: Rig) -> None:
    rig.bend(4.0, 0.0, 0.0, 0.0)
    rig.ask("snapshot.store", number=5)
    rig.bend(0.0, 4.0, 0.0, 0.0)
    rig.ask("snapshot.store", number=6)
    for way, length in (("linear", np.sqrt(8.0)), ("spherical", 4.0)):
        rig.ask("morph", **{"from": 5, "to": 6, "share": 0.5, "way": way})
        rig.wait()
        assert np.linalg.norm(rig.offsets) == pytest.approx(length, abs=1e-3)
    assert rig.shown["morph"] == {"from": 5, "to": 6, "share": 0.5, "way": "spherical"}


def test_the_pad_lies_between_four(rig: Rig) -> None:
    for (x, y), offset in (
        ((0.0, 1.0), 0.0),
        ((1.0, 1.0), 1.0),
        ((0.0, 0.0), 2.0),
        ((1.0, 0.0), 3.0),
        ((0.5, 0.5), 1.5),
    ):
        rig.ask("pad", x=x, y=y)
        rig.wait()
        assert rig.offsets == [offset] * LATENTS
        assert rig.shown["pad"] == (x, y)
    rig.turn(pad_x=1.0)
    rig.turn(pad_y=1.0)
    rig.wait()
    rig.wait()
    assert rig.offsets == [1.0] * LATENTS
    rig.ask("pad.corners", numbers=[4, 3, 2, 1])
    rig.wait()
    assert rig.offsets == [2.0] * LATENTS
    assert rig.shown["corners"] == [4, 3, 2, 1]


def test_what_is_empty_is_said_once_and_moves_nothing() -> None:
    rig = Rig()
    rig.bend(1.0)
    rig.ask("snapshot.recall", number=3)
    for value in (0.1, 0.2, 0.3):
        rig.turn(morph=value)
        rig.wait()
    rig.ask("pad", x=0.5, y=0.5)
    rig.wait()
    assert rig.offsets == [1.0, 0.0, 0.0, 0.0]
    assert [note.split(" ")[0:2] for note in rig.notes] == [
        ["Snapshot", "3"],
        ["There", "is"],
        ["Snapshot", "1,"],
    ]


@pytest.mark.parametrize(
    ("do", "arguments"),
    [
        ("snapshot.recall", {"number": 0}),
        ("snapshot.store", {"number": 17}),
        ("snapshot.clear", {"number": "x"}),
        ("morph", {"from": 1, "to": 99, "share": 0.5}),
        ("morph", {"from": 1, "to": 2, "share": 0.5, "way": "bent"}),
        ("pad", {"x": float("nan"), "y": 0.0}),
        ("pad.corners", {"numbers": [1, 2, 3]}),
        ("map", {"x": 0.5}),
    ],
)
def test_a_wrong_request_is_an_error_that_the_session_tells(
    rig: Rig, do: str, arguments: dict[str, object]
) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        rig.ask(do, **arguments)
    rig.wait()
    assert rig.offsets == [3.0] * LATENTS


def test_the_map_steers_to_what_was_heard_and_leaves_the_loudness() -> None:
    space = make_space(LATENTS)
    rig = Rig(space, ("loudness", "", "", ""))
    rig.bend(0.3, 0.0, 0.0, 0.0)
    rig.turn(steer=1.0)
    rig.wait()
    x, y = space.chart.places[7].tolist()
    rig.ask("map", x=x, y=y)
    rig.wait()
    values = rig.console.values()
    scale = space.chart.deviations[7] / space.deviation
    wanted = space.chart.latents[7] - space.mean * scale
    assert rig.offsets == pytest.approx([0.3, *wanted[1:].tolist()], abs=1e-3)
    assert values["latent.2.scale"] == pytest.approx(float(scale[1]), abs=1e-3)
    assert values["latent.1.scale"] == 1.0
    assert rig.shown["map"] == pytest.approx((x, y))
    # Less of it, by a knob: half as far.
    rig.turn(steer=0.5)
    rig.wait()
    rig.wait()
    assert rig.offsets == pytest.approx([0.3, *(0.5 * wanted[1:]).tolist()], abs=1e-3)
    assert (values["map_x"], values["map_y"]) == pytest.approx((x, y))
    shown = rig.part.info()["map"]
    assert len(shown["points"]) == len(shown["labels"]) == len(space.chart.labels)


def test_a_place_asked_for_before_the_map_is_read_is_gone_to_when_it_is() -> None:
    space = make_space(LATENTS)
    rig = Rig(space)
    rig.shelf.reading = True
    rig.turn(map_x=0.2, map_y=0.9)
    rig.wait()
    assert rig.notes == [] and rig.offsets == [0.0] * LATENTS
    rig.shelf.reading = False
    rig.wait()
    rig.wait()
    assert rig.offsets != [0.0] * LATENTS


def test_a_model_without_a_map_says_so_once_and_steer_alone_moves_nothing() -> None:
    rig = Rig()
    rig.turn(steer=0.2)
    rig.wait()
    assert rig.notes == []
    for value in (0.1, 0.2):
        rig.turn(map_x=value)
        rig.wait()
    assert len(rig.notes) == 1
    assert "rtvae survey" in rig.notes[0]
    assert rig.part.info()["map"] is None
    assert rig.offsets == [0.0] * LATENTS


def test_snapshots_travel_with_the_preset(rig: Rig) -> None:
    rig.ask("pad.corners", numbers=[4, 3, 2, 1])
    kept = rig.part.keep(Preset("mine"))
    assert [one.number for one in kept.snapshots] == [1, 2, 3, 4]
    assert kept.corners == (4, 3, 2, 1)
    other = Rig()
    other.part.recall(kept)
    other.ask("snapshot.recall", number=3)
    other.wait()
    assert other.offsets == [2.0] * LATENTS
    assert other.part.keep(Preset("mine")) == kept
    other.part.recall(Preset("empty"))
    assert other.shown["stored"] == []
    assert other.shown["corners"] == list(CORNERS)


def test_a_snapshot_of_another_model_fits_as_far_as_it_goes() -> None:
    rig = Rig()
    long, short = (1.0,) * 9, (2.0, 2.0)
    rig.part.recall(Preset("p", snapshots=(SnapshotSetting(1, long), SnapshotSetting(2, short))))
    rig.ask("snapshot.recall", number=1)
    rig.wait()
    assert rig.console.values()["latent.5.offset"] == 0.0
    assert rig.offsets == [1.0] * LATENTS
    rig.ask("snapshot.recall", number=2)
    rig.wait()
    assert rig.offsets == [2.0, 2.0, 0.0, 0.0]


def test_it_is_known_who_wrote_what(rig: Rig) -> None:
    rig.written.clear()
    rig.ask("snapshot.recall", number=1)
    rig.wait()
    assert {by for _, by in rig.written} == {"morph"}


def test_the_shelf_reads_a_models_space_beside_the_music(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RTVAE_CACHE", str(tmp_path / "cache"))
    folder = make_toy_model(tmp_path / "toy")
    space = add_space(folder)
    plain = make_toy_model(tmp_path / "plain")
    woken: list[bool] = []
    shelf = MapShelf(lambda: woken.append(True))

    def read(path: Path | str) -> Space | None:
        shelf.space_of(str(path))
        shelf.wait()
        return shelf.space_of(str(path))

    found = read(folder)
    assert found is not None and woken
    np.testing.assert_array_equal(found.mean, space.mean)
    # Exported again to the same place: the new one is read.
    other = add_space(folder, make_space(LATENTS, seed=5))
    again = read(folder)
    assert again is not None
    np.testing.assert_array_equal(again.mean, other.mean)
    for path in (plain, tmp_path / "nowhere", ""):
        assert read(path) is None
