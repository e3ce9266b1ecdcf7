"""Snapshots in a whole session: a real engine, and a window that does as the test says."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console as Terminal

from rtvae.host import live_session
from rtvae.host.console import Console
from rtvae.host.live_session import LiveSession
from rtvae.host.midi_hub import MidiHub
from rtvae.host.plan import Plan, PlayRequest
from rtvae.host.play import start_message
from rtvae.host.session import session
from rtvae.host.settings import Settings
from rtvae.host.snapshots import Snapshots
from rtvae.host.status_line import StatusLine
from rtvae.link.control_block import ControlWriter
from rtvae.link.session_memory import open_control
from rtvae.model.library import DEFAULT_MODEL
from tests.support.midi_ports import FakePorts
from tests.support.synth_space import add_space


def test_the_window_is_shown_the_map_and_steers_by_it(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = home / "models" / DEFAULT_MODEL
    space = add_space(model)
    x, y = space.chart.places[3].tolist()
    says = [
        {"set": {"steer": 1.0, "latent.1.offset": 2.0}},
        {"do": "snapshot.store", "number": 3},
        {"do": "map", "x": x, "y": y},
    ]
    monkeypatch.setattr(live_session, "WINDOW", "tests.support.stub_window")
    monkeypatch.setenv("STUB_SAYS", json.dumps(says))
    monkeypatch.setenv("STUB_HEARD", str(tmp_path / "heard"))
    sound, out = str(home / "recordings" / "demo.flac"), str(tmp_path / "out.wav")
    with session() as folder:
        console = Console(Settings(ControlWriter(open_control(folder))))
        live = LiveSession(
            folder,
            start=start_message(
                PlayRequest(duration_s=3.0),
                Plan("dummy", sound, out, loop=True, window=True),
                model,
            ),
            console=console,
            midi=lambda stage, hear: MidiHub(stage, FakePorts, routes=(), hear=hear),
            status_line=StatusLine(Terminal(file=io.StringIO())),
            window=True,
            preset="default",
            models=[],
            greeting=[],
            find_model=Path,
            parts=[Snapshots],
        )
        live.run()
        values = console.values()
    lines = (tmp_path / "heard").read_text().splitlines()
    heard = [json.loads(line)["info"] for line in lines if "info" in json.loads(line)]
    last = heard[-1]
    assert last["model"]["map"]["points"][3] == pytest.approx([x, y], abs=1e-3)
    assert last["model"]["map"]["labels"] == list(space.chart.labels)
    assert last["snapshots"]["stored"] == [3]
    assert last["snapshots"]["map"] == pytest.approx([x, y])
    scale = float(space.chart.deviations[3, 1] / space.deviation[1])
    wanted = float(space.chart.latents[3, 1]) - float(space.mean[1]) * scale
    assert values["latent.2.offset"] == pytest.approx(wanted, abs=1e-2)
    assert values["latent.2.scale"] == pytest.approx(scale, abs=1e-2)
