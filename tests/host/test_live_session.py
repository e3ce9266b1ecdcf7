"""A session with the real engine, and a window that does as the test says."""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console as Terminal

from rtvae.control.routes import Route
from rtvae.engine.replay import Replay
from rtvae.host import live_session
from rtvae.host.console import Console
from rtvae.host.live_session import LiveSession
from rtvae.host.midi_hub import MidiHub
from rtvae.host.part import Backstage, Deed, Part
from rtvae.host.pedals import Pedals
from rtvae.host.plan import Plan, PlayRequest
from rtvae.host.play import start_message
from rtvae.host.session import session
from rtvae.host.settings import Settings
from rtvae.host.status_line import StatusLine
from rtvae.io.performance import read_performance
from rtvae.link.control_block import ControlWriter
from rtvae.link.session_memory import open_control
from rtvae.model.library import DEFAULT_MODEL, find_model
from rtvae.model.load import load_model
from tests.support.midi_ports import FakeInput, FakePorts


def run_with_window(
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    says: list[object],
    duration_s: float = 30.0,
    port: FakeInput | None = None,
    parts: Sequence[Callable[[Backstage], Part]] = (),
) -> tuple[dict[str, object], dict[str, float], list[dict[str, object]], str]:
    """Play with the stub window to the end; return stats, values, what it heard, and stderr."""
    ports = FakePorts(*([] if port is None else [port]))
    monkeypatch.setattr(live_session, "WINDOW", "tests.support.stub_window")
    monkeypatch.setenv("STUB_SAYS", json.dumps(says))
    monkeypatch.setenv("STUB_HEARD", str(tmp_path / "heard"))
    errors = io.StringIO()
    sound, out = str(home / "recordings" / "demo.flac"), str(tmp_path / "out.wav")
    with session() as folder:
        console = Console(Settings(ControlWriter(open_control(folder))))
        live = LiveSession(
            folder,
            start=start_message(
                PlayRequest(duration_s=duration_s),
                Plan("dummy", sound, out, loop=True, window=True),
                home / "models" / DEFAULT_MODEL,
            ),
            console=console,
            midi=lambda stage, hear: MidiHub(
                stage, lambda: ports, routes=(Route("record", 0.0, 1.0, number=45),), hear=hear
            ),
            status_line=StatusLine(Terminal(file=errors)),
            window=True,
            preset="default",
            models=[DEFAULT_MODEL, "second"],
            greeting=[],
            find_model=lambda name: find_model(name, home / "models"),
            parts=parts,
        )
        stats = live.run()
        values = console.values()
    written = (tmp_path / "heard").read_text() if (tmp_path / "heard").exists() else ""
    heard = [json.loads(line) for line in written.splitlines()]
    return stats, values, heard, errors.getvalue()


def test_the_players_edits_are_carried_out_and_closing_the_window_ends_the_session(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nonsense = [
        {"set": 5},
        {"set": {"nothing": 1.0, "mix": "loud"}},
        {"do": "model.load"},
        {"do": 7},
        {"do": "fly"},
        {"x": None},
        {"do": "mapping.remove", "index": float("inf")},
    ]
    edits = [{"set": {"latent.1.offset": 0.5, "mute": 1, "mix": 99.0}}, {"do": "panic"}]
    stats, values, heard, _ = run_with_window(
        home, tmp_path, monkeypatch, [*nonsense, *edits, {"closed": True}]
    )
    assert values["latent.1.offset"] == 0.5
    assert values["mute"] == 1.0
    assert values["mix"] == 1.0, "held inside its range"
    info = next(h["info"] for h in heard if "info" in h and h["info"]["model"]["name"])
    assert info["model"]["title"] == DEFAULT_MODEL.title()
    assert len(info["model"]["latents"]) == 4
    assert info["models"] == [DEFAULT_MODEL, "second"]
    assert info["preset"] == "default"
    assert info["midi"]["status"] == "none"
    assert stats["engine_restarts"] == 0


class Faulty(Pedals):
    """A part that does one thing, and that with a fault."""

    def deeds(self) -> Mapping[str, Deed]:
        return {"stumble": self._stumble}

    def _stumble(self, arguments: Mapping[str, Any]) -> None:
        raise RuntimeError("over a stone")


def test_a_request_that_meets_a_fault_is_lost_and_the_session_goes_on(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    says = [{"do": "stumble"}, {"set": {"mix": 0.25}}, {"closed": True}]
    _, values, _, errors = run_with_window(home, tmp_path, monkeypatch, says, parts=[Faulty])
    assert "RuntimeError: over a stone" in errors
    assert values["mix"] == 0.25


def test_parts_know_that_an_error_ends_the_session(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends: list[bool] = []

    class Broken(Pedals):
        def __init__(self, backstage: Backstage) -> None:
            super().__init__(backstage)
            self._backstage = backstage

        def step(self, now_s: float) -> None:
            raise RuntimeError("over a stone")

        def close(self) -> None:
            ends.append(self._backstage.failed())

    with pytest.raises(RuntimeError, match="stone"):
        run_with_window(home, tmp_path, monkeypatch, [], parts=[Broken])
    assert ends == [True]


def test_a_model_that_does_not_exist_is_told_in_the_window_and_the_terminal(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stats, _, heard, errors = run_with_window(
        home, tmp_path, monkeypatch, [{"do": "model.load", "name": "third"}, {"closed": True}]
    )
    sentence = f"There is no model 'third'; there are second, {DEFAULT_MODEL}."
    assert {"message": sentence, "level": "warning"} in heard
    assert sentence in errors
    assert stats["model"] == DEFAULT_MODEL


def test_a_second_model_is_put_beside_the_first_from_the_window(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, heard, errors = run_with_window(
        home, tmp_path, monkeypatch, [{"do": "model.beside", "name": "second"}], duration_s=2.0
    )
    sentence = f"Model second is beside {DEFAULT_MODEL}; blend fades between them."
    assert {"message": sentence, "level": "info"} in heard
    assert sentence in errors


def test_closing_only_the_window_leaves_the_sound_and_the_terminal_takes_over(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUB_STATUS", "0")
    stats, _, _, errors = run_with_window(
        home, tmp_path, monkeypatch, [{"away": True}], duration_s=2.0
    )
    assert "the sound goes on; `rtvae window` opens it again" in errors
    assert "playing  in -" in errors.split("opens it again")[1]
    assert stats["window_restarts"] == 0
    assert stats["frames"] >= 2.0 * 48_000 - 4096


def test_without_a_window_that_lives_the_terminal_takes_over(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUB_STATUS", "1")
    stats, _, _, errors = run_with_window(home, tmp_path, monkeypatch, [], duration_s=2.0)
    assert "stays closed" in errors
    assert "playing  in -" in errors.split("stays closed")[1]
    assert stats["window_restarts"] == 2
    assert stats["engine_restarts"] == 0
    assert stats["frames"] >= 96_000


def test_a_window_that_dies_takes_its_test_tone_with_it(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUB_STATUS", "1")
    says = [{"set": {"test_tone": 1.0, "mix": 0.5}}]
    _, values, _, errors = run_with_window(home, tmp_path, monkeypatch, says, duration_s=2.0)
    assert "is opened again" in errors
    assert values["mix"] == 0.5
    assert values["test_tone"] == 0.0


def test_the_key_in_the_window_records_from_a_fresh_voice_on(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    turns = [{"set": {"latent.1.offset": k / 10, "mix": 1 - k / 50}} for k in range(20)]
    stats, _, heard, errors = run_with_window(
        home, tmp_path, monkeypatch, [{"do": "record"}, *turns], duration_s=4.0
    )
    told = [h["info"]["recording"] for h in heard if "info" in h and h["info"]["recording"]]
    assert told[-1]["on"] is True
    assert told[-1]["file"].startswith("rtvae-")
    assert "Recording to" in errors
    recorded = stats["recording"]
    assert isinstance(recorded, dict)
    assert Path(recorded["file"]).parent == tmp_path / "rtvae-recordings"
    performance = read_performance(Path(recorded["file"]))
    assert performance.voices[0].origin == "fresh"
    done = Replay(
        performance, lambda played, executor: load_model(Path(played.path), executor)
    ).run()
    assert done.first_difference is None, done
    assert done.frames > 48_000
    assert done.whole_frame < 0.1 * 48_000


class Button(FakeInput):
    """A MIDI port whose one button is pressed and let go as soon as each file has grown."""

    def __init__(self, *files: tuple[Path, str]) -> None:
        super().__init__("button")
        self._files = list(files)

    def receive(self) -> list[list[int]]:
        if not self._files:
            return []
        folder, pattern = self._files[0]
        if not any(file.stat().st_size > 200_000 for file in folder.glob(pattern)):
            return []
        del self._files[0]
        return [[0xB0, 45, 127], [0xB0, 45, 0]]


def test_a_button_of_a_controller_starts_and_stops_a_recording(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    recordings = tmp_path / "rtvae-recordings"
    port = Button((tmp_path, "out.wav"), (recordings, "*.w64"))
    _, _, _, errors = run_with_window(home, tmp_path, monkeypatch, [], duration_s=8.0, port=port)
    assert "Recording to" in errors
    (file,) = recordings.glob("*.rtvp")
    performance = read_performance(file)
    assert performance.ended == "stopped"
    assert [data for _, data in performance.packets()][-1][:2] == bytes([0xB0, 45])
