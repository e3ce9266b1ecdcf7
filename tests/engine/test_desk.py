"""The desk: models are loaded beside the sound, and what cannot be loaded changes nothing."""

import io
import json
import queue
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rtvae.control.parameters import index_of
from rtvae.engine.desk import Desk, Outbox, may_overlap
from rtvae.engine.lineup import Lineup
from rtvae.errors import ModelError
from rtvae.model.identity import IdentityModel
from tests.support.fake_model import Audio, ScriptedModel
from tests.support.rig import RATE_HZ, Rig, tone

PATIENCE_S = 10.0


class Company:
    """A rig that plays in a thread of its own, a desk, and a host that talks to it."""

    def __init__(
        self, models: dict[str, Any], block_size: int = 256, said: io.StringIO | None = None
    ) -> None:
        self.rig = Rig(ScriptedModel(64), block_size)
        self.rig.path.voice.warm_up(block_size)
        self.changed_blocks = 0
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._said = said or io.StringIO()
        self._models = models
        self.loading, self.hold = threading.Event(), threading.Event()
        self.hold.set()
        self.desk = Desk(
            iter(self._lines.get, None),  # type: ignore[arg-type]
            Outbox(self._said),
            self.rig.path,
            self.rig.reader,
            self._load,
            Lineup(Path("good")),
        )
        self.desk.open()
        self._player = threading.Thread(target=self._play)
        self._player.start()

    def ask(self, **command: object) -> dict[str, Any]:
        """Send a command and wait for the answer."""
        before = len(self._said.getvalue())
        self.tell(**command)
        while "\n" not in self._said.getvalue()[before:]:
            self._player.join(0.001)
        return json.loads(self._said.getvalue()[before:])  # type: ignore[no-any-return]

    def tell(self, **command: object) -> None:
        """Send a command."""
        self._lines.put(json.dumps(command))

    def until(self, event: str, times: int = 1) -> list[dict[str, Any]]:
        """Wait for so many events of a kind and return everything said so far."""
        while self._said.getvalue().count(f'"event": "{event}"') < times:
            self._player.join(0.001)
        return [json.loads(line) for line in self._said.getvalue().splitlines()]

    def end(self) -> None:
        self._lines.put('{"do":"quit"}')
        self._player.join()

    def _load(self, path: Path) -> Any:
        self.loading.set()
        self.hold.wait()
        model = self._models[path.name]
        if isinstance(model, Exception):
            raise model
        return model

    def _play(self) -> None:
        audio = tone(self.rig.block_size)
        while not self.desk.stopped():
            # The first model returns what it hears, sample for sample.
            self.changed_blocks += not np.array_equal(self.rig.play(audio), audio)


def _spoil_now_and_then(hop: int, audio: Audio) -> None:
    if hop % 32 == 20:
        audio.fill(np.nan)


def _break(hop: int, audio: Audio) -> None:
    raise RuntimeError("scripted")


@pytest.fixture
def company() -> Iterator[Company]:
    models = {
        "good": IdentityModel(100, latents=2),
        "other good": IdentityModel(32),
        "refused": ModelError("The model refused is damaged; export it again."),
        "broken": ValueError("surprise"),
        "failing": ScriptedModel(64, lambda hop, audio: audio.fill(float("nan"))),
        "failing late": ScriptedModel(64, _spoil_now_and_then),
        "raising": ScriptedModel(64, _break),
        "too large": MemoryError(),
        "other rate": IdentityModel(64, sample_rate_hz=44_100),
    }
    company = Company(models)
    yield company
    company.end()


def test_a_loaded_model_plays_and_its_facts_are_told(company: Company) -> None:
    told = company.ask(do="load", model="good")
    assert (told["event"], told["model"], told["hop_frames"]) == ("loaded", "identity", 100)
    assert told["latents"][1] == {"name": "frame 2", "low": -1.0, "high": 1.0, "attribute": ""}
    assert told["reblock_latency_frames"] == 96
    assert company.rig.path.voice.model.hop_frames == 100


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("refused", "is damaged"),
        ("broken", "surprise"),
        ("failing", "fails as soon as it runs"),
        ("failing late", "fails as soon as it runs"),
        ("raising", "fails as soon as it runs"),
        ("too large", "MemoryError"),
        ("other rate", "44100 Hz and not at 48000 Hz"),
    ],
)
def test_a_model_that_cannot_play_changes_nothing(company: Company, name: str, words: str) -> None:
    playing = company.rig.path.voice
    told = company.ask(do="load", model=name)
    assert told["event"] == "refused"
    assert words in told["sentence"]
    assert company.rig.path.voice is playing
    assert company.ask(do="load", model=name, beside=True)["event"] == "refused"
    assert company.changed_blocks == 0
    assert company.ask(do="load", model="good")["event"] == "loaded"


def test_quitting_fades_out_first(company: Company) -> None:
    company.end()
    assert company.rig.path.silent


@pytest.mark.parametrize(("share_of_period", "overlaps"), [(0.25, True), (0.35, False)])
def test_models_overlap_only_where_both_fit_the_period(
    share_of_period: float, overlaps: bool
) -> None:
    cost_s = share_of_period * 64 / RATE_HZ
    assert may_overlap(Rig(ScriptedModel(64), 64).stream, cost_s, cost_s) is overlaps


def test_a_host_that_does_not_listen_is_no_fault() -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    company = Company({"good": IdentityModel(100)}, said=Gone())
    playing = company.rig.path.voice
    company.tell(do="load", model="good")
    deadline = time.monotonic() + PATIENCE_S
    while company.rig.path.voice is playing and time.monotonic() < deadline:
        time.sleep(0.001)
    assert company.rig.path.voice is not playing
    company.end()
    assert company.rig.path.silent


def test_a_fresh_start_of_what_plays_tells_from_which_frame_it_is_exact(company: Company) -> None:
    playing = company.rig.path.voice
    told = company.ask(do="fresh")
    assert told["event"] == "fresh"
    assert company.rig.path.voice is not playing
    assert told["frame"] == company.rig.count("voice_start_frame")
    assert told["whole"] - told["frame"] >= 960
    assert told["frame"] % 256 == told["whole"] % 256 == 0


def test_quitting_does_not_wait_for_a_model_that_is_being_loaded(company: Company) -> None:
    company.hold.clear()
    company.tell(do="load", model="good")
    company.loading.wait()
    company.end()
    assert company.rig.path.silent
    company.hold.set()


def test_of_several_waiting_requests_only_the_last_is_carried_out(company: Company) -> None:
    company.hold.clear()
    company.tell(do="load", model="good")
    company.loading.wait()
    for name in ("refused", "broken", "good", "other good"):
        company.tell(do="load", model=name)
    company.tell(do="fresh")
    company.until("replaced", times=3)
    company.hold.set()
    told = company.until("fresh")
    events = [line["event"] for line in told]
    assert events == ["replaced", "replaced", "replaced", "loaded", "loaded", "fresh"]
    assert told[-2]["hop_frames"] == 32
    assert [line["model"] for line in told[:3]] == ["refused", "broken", "good"]


def test_a_change_brings_models_and_values_together(company: Company) -> None:
    rig = company.rig
    told = company.ask(
        do="change", model="good", blend="other good", number=7, values={"mix": 0.25, "blend": 1}
    )
    assert (told["event"], told["scene"], told["beside"]) == ("loaded", 7, "identity")
    assert rig.reader.values[index_of("mix")] == 0.25
    assert rig.reader.values[index_of("blend")] == 1.0
    told = company.ask(do="change", model="refused", number=8, values={"mix": 0.75})
    assert (told["event"], told["do"]) == ("refused", "load")
    assert rig.reader.values[index_of("mix")] == 0.25
    told = company.ask(do="change", model="other good", number=9)
    assert (told["scene"], told["beside"], told["hop_frames"]) == (9, None, 32)


def test_a_waiting_change_gives_way_to_a_later_one(company: Company) -> None:
    company.hold.clear()
    company.tell(do="change", model="good", number=1)
    company.loading.wait()
    company.tell(do="load", model="broken")
    company.tell(do="change", model="refused", number=2)
    company.tell(do="change", model="other good", number=3)
    company.until("replaced", times=2)
    company.hold.set()
    told = company.until("loaded", times=2)
    assert [line.get("scene") for line in told] == [None, 2, 1, 3]


def test_what_was_prepared_is_there_without_loading(company: Company) -> None:
    company.tell(do="prepare", lineups=[["good", None], ["other good", "raising"]])
    assert "fails as soon as it runs" in company.until("refused")[-1]["sentence"]
    assert company.until("refused")[-1]["do"] == "prepare"
    company.hold.clear()  # from here on nothing can be loaded
    told = company.ask(do="change", model="good", number=1)
    assert (told["event"], told["hop_frames"]) == ("loaded", 100)
    company.hold.set()


def test_what_is_prepared_waits_behind_what_is_wanted_now(company: Company) -> None:
    company.hold.clear()
    company.tell(do="load", model="good")
    company.loading.wait()
    company.tell(do="prepare", lineups=[["refused", None]])
    company.tell(do="prepare", lineups=[["broken", None]])
    company.tell(do="change", model="other good", number=1)
    company.hold.set()
    told = company.until("refused")
    assert [line["event"] for line in told] == ["loaded", "loaded", "refused"]
    assert "surprise" in told[-1]["sentence"]
