"""Pedals: one press, and the parameter is where a player expects it."""

from pathlib import Path

import numpy as np
import pytest

from rtvae.host.console import Console
from rtvae.host.part import Backstage
from rtvae.host.pedals import Pedals
from rtvae.host.settings import Settings
from rtvae.link.control_block import ControlWriter
from rtvae.link.layout import CONTROL, TELEMETRY
from rtvae.link.telemetry import TelemetryReader


class Rig:
    def __init__(self) -> None:
        self.now_s = 0.0
        self.block = np.zeros((), CONTROL)
        self.console = Console(Settings(ControlWriter(self.block)))
        telemetry = TelemetryReader(np.zeros((), TELEMETRY))
        backstage = Backstage(
            self.console, print, lambda name, beside: None, dict, telemetry, Path()
        )
        self.deeds = Pedals(backstage, clock=lambda: self.now_s).deeds()

    def press(self, name: str, after_s: float = 0.0) -> dict[str, float]:
        self.now_s += after_s
        self.deeds[name]({})
        return self.console.values()


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_mute_is_turned_over(rig: Rig) -> None:
    assert rig.press("mute.toggle")["mute"] == 1.0
    assert rig.press("mute.toggle")["mute"] == 0.0


def test_the_looper_records_then_plays_then_stops(rig: Rig) -> None:
    assert [rig.press("looper.press")["looper"] for _ in range(4)] == [1.0, 2.0, 0.0, 1.0]


def test_the_tempo_is_tapped_and_a_pause_begins_anew(rig: Rig) -> None:
    rig.press("tap")
    for _ in range(4):
        tempo = rig.press("tap", after_s=0.4)["tempo_bpm"]
    assert tempo == pytest.approx(150.0)
    assert rig.press("tap", after_s=10.0)["tempo_bpm"] == pytest.approx(150.0)
    assert rig.press("tap", after_s=1.0)["tempo_bpm"] == pytest.approx(60.0)


def test_panic_reaches_the_engine(rig: Rig) -> None:
    rig.press("panic")
    assert rig.block["panic_count"] == 1
