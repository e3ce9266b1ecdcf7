"""The pages below: opened by key and tab; none of them breaks, whatever the host says or lacks."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QAbstractButton, QAbstractSlider, QApplication, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from rtvae.window import wire
from rtvae.window.desk import VIEWS
from rtvae.window.panels import TABS, TALL_PX
from tests.support.host_parts import full_info, heard

from .conftest import Stage, open_page, pixels

LEFT = Qt.MouseButton.LeftButton
NAMES = [tab.name for tab, _ in TABS]


@pytest.mark.parametrize("name", NAMES)
def test_every_page_opens_by_its_key_fits_and_leaves_no_control_without_a_name(
    qtbot: QtBot, ready: Stage, name: str
) -> None:
    key = Qt.Key(Qt.Key.Key_1.value + NAMES.index(name))
    qtbot.keyClick(ready.window, key, Qt.KeyboardModifier.ControlModifier)
    ready.play(frames=3)
    window = ready.window
    assert window.panels.current == name
    assert (window.width(), window.height()) == (1280, 800)
    assert window.bank.isVisible() == (name == "latents")
    for widget in window.findChildren(QWidget):
        if widget.isVisible() and widget.window() is window:
            corner = widget.mapTo(window, widget.rect().bottomRight())
            assert window.rect().contains(corner), widget
    controls = [
        widget
        for kind in (QAbstractButton, QAbstractSlider, QComboBox)
        for widget in window.panels.findChildren(kind)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus and widget.isVisible()
    ]
    assert [c for c in controls if not c.accessibleName() or not c.toolTip()] == []
    names = [c.accessibleName() for c in controls]
    assert len(set(names)) == len(names)


def test_the_tab_of_an_open_page_brings_the_strips_back(qtbot: QtBot, ready: Stage) -> None:
    panels = ready.window.panels
    for wanted in ("loop", "latents"):
        qtbot.mouseClick(panels.tabs["loop"], LEFT)
        assert panels.current == wanted
        assert panels.tabs[wanted].isChecked()


def test_a_tall_window_shows_strips_and_page(ready: Stage) -> None:
    open_page(ready, "loop")
    ready.window.resize(1600, TALL_PX)
    ready.play()
    assert ready.window.bank.isVisible()
    assert ready.window.panels.pages["loop"].isVisible()
    ready.window.resize(1280, 800)
    ready.play()
    assert not ready.window.bank.isVisible()


@pytest.mark.parametrize("latents", [0, 3, 128])
@pytest.mark.parametrize("name", NAMES)
def test_any_number_of_latents_on_any_page(
    open_stage: Callable[..., Stage], latents: int, name: str
) -> None:
    stage = open_stage(latents)
    stage.window.hear(heard(latents))
    stage.window.panels.show_page(name)
    stage.play(frames=3)
    assert pixels(stage.window).std() > 1.0
    page = stage.window.panels.pages.get(name)
    if page is not None and name not in ("map", "midi"):
        assert ("no latents" in page.reason) == (latents == 0)


@pytest.mark.parametrize("name", NAMES)
def test_pages_without_a_model_or_any_part_say_why_and_do_not_break(
    open_stage: Callable[..., Stage], name: str
) -> None:
    stage = open_stage(8, informed=False)
    stage.window.hear(wire.HostInfo())
    stage.window.panels.show_page(name)
    stage.play(frames=3)
    reasons = {"snapshots": "no snapshots", "map": "no map", "midi": "no MIDI"}
    if name in reasons:
        assert reasons[name] in stage.window.panels.pages[name].reason


RUBBISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "stored",
                    "corners",
                    "morph",
                    "mappings",
                    "ports",
                    "target",
                    "low",
                    "points",
                    "undo",
                ]
            ),
            inner,
        )
    ),
    max_leaves=12,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(midi=RUBBISH, show=RUBBISH, snapshots=RUBBISH, drawn=RUBBISH)
def test_rubbish_from_the_host_never_breaks_the_window(
    ready: Stage, midi: Any, show: Any, snapshots: Any, drawn: Any
) -> None:
    info = full_info(16, midi=midi, show=show, snapshots=snapshots)
    info["model"]["map"] = drawn
    said = wire.parse(wire.format_line({"info": info}))
    assert isinstance(said, wire.HostInfo)
    for name in NAMES:
        ready.window.panels.show_page(name)
        ready.window.hear(said)
        ready.play(blocks=1)
        ready.window.grab()
    ready.window.hear(heard())


@pytest.mark.parametrize("page", [tab.name for tab, make in TABS if make is not None])
def test_a_page_that_has_nothing_for_now_leaves_the_window_its_size(
    ready: Stage, page: str
) -> None:
    ready.window.desk.show_views(list(VIEWS))
    ready.window.panels.show_page(page)
    ready.play()
    ready.window.resize(1280, ready.window.minimumSizeHint().height())
    QApplication.processEvents()
    before = ready.window.height()
    shown = ready.window.panels.pages[page]
    shown.excuse("The model is on its way.")
    shown.excuse("")
    QApplication.processEvents()
    assert ready.window.height() == before


@pytest.mark.parametrize("name", [name for name in NAMES if name != "latents"])
def test_before_the_model_is_known_nothing_is_said_about_it(
    open_stage: Callable[..., Stage], name: str
) -> None:
    stage = open_stage(0, informed=False)
    stage.window.hear(wire.HostInfo())
    page = open_page(stage, name)
    assert page.reason == "Waiting for the model."
    stage.window.hear(heard())
    assert page.reason != "Waiting for the model."
