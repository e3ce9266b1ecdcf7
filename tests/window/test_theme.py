"""Both looks can be read, and changing them changes what is seen."""

from collections.abc import Iterator

import numpy as np
import pytest
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QApplication

from rtvae.window import theme
from rtvae.window.contrast import contrast

from .conftest import Stage, pixels

READABLE = 4.5


@pytest.fixture(autouse=True)
def dark_again(qapp: QApplication) -> Iterator[None]:
    yield
    theme.dress(qapp)


def test_the_ratio_is_that_of_the_guidelines() -> None:
    assert contrast(QColor("white"), QColor("black")) == pytest.approx(21.0)
    assert contrast(QColor("black"), QColor("white")) == pytest.approx(21.0)
    # The guidelines' best known border cases on white.
    assert contrast(QColor("#767676"), QColor("white")) == pytest.approx(4.54, abs=0.01)
    assert contrast(QColor("#777777"), QColor("white")) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("look", theme.LOOKS)
def test_every_text_can_be_read(qapp: QApplication, look: str) -> None:
    theme.dress(qapp, look)
    texts = {"text": theme.TEXT, "dim": theme.DIM, "in": theme.INPUT, "out": theme.OUTPUT}
    texts.update(theme.TONES)
    grounds = {"ground": theme.GROUND, "panel": theme.PANEL, "sunken": theme.SUNKEN}
    for text, colour in texts.items():
        for ground, behind in grounds.items():
            assert contrast(colour, behind) >= READABLE, (look, text, ground)
    for lit in (theme.INPUT, theme.OUTPUT, *(theme.TONES[k] for k in ("good", "warn", "bad"))):
        assert contrast(theme.ON_LIT, lit) >= READABLE, (look, lit.name())
    assert contrast(theme.ON_RECORD, theme.RECORD) >= READABLE
    assert contrast(theme.TEXT, theme.TRACK) >= READABLE


@pytest.mark.parametrize("look", theme.LOOKS)
def test_what_is_under_the_hand_is_seen(qapp: QApplication, look: str) -> None:
    theme.dress(qapp, look)
    for colour in (theme.FOCUS, theme.INPUT, theme.OUTPUT, theme.RECORD):
        assert contrast(colour, theme.PANEL) >= 3.0, (look, colour.name())


def test_the_whole_window_changes_its_look_and_back(qapp: QApplication, stage: Stage) -> None:
    stage.play(frames=20)
    dark = pixels(stage.window)[:, :, :3]
    theme.dress(qapp, "light")
    stage.play()
    light = pixels(stage.window)[:, :, :3]
    assert dark.mean() < 60
    assert light.mean() > 190
    # No panel, knob or plot is left behind in the other look.
    for view in (
        stage.window.trajectories,
        stage.window.spectrogram,
        stage.window.spectrum,
        stage.window.meters,
        stage.window.bank.strips[0].knob,
        stage.window.bank.strips[0].scale,
    ):
        assert np.median(pixels(view)[:, :, :3]) > 180, view
    theme.dress(qapp)
    stage.play()
    assert pixels(stage.window)[:, :, :3].mean() < 60


def test_an_unknown_look_is_the_dark_one(qapp: QApplication) -> None:
    theme.dress(qapp, "plaid")
    assert theme.look == "dark"
