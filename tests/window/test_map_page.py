"""The page of the map: dragging steers."""

from PyQt6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from rtvae.window.map_page import MapPage
from tests.support.host_parts import heard

from .conftest import Stage, asked, open_page, pixels

LEFT = Qt.MouseButton.LeftButton


def opened(stage: Stage) -> MapPage:
    page = open_page(stage, "map")
    assert isinstance(page, MapPage)
    return page


def test_dragging_steers_and_leaves_a_trail(qtbot: QtBot, ready: Stage) -> None:
    view = opened(ready).view
    plain = pixels(view)
    qtbot.mousePress(view, LEFT, pos=QPoint(100, 50))
    qtbot.mouseMove(view, QPoint(400, 90))
    qtbot.mouseMove(view, QPoint(-900, 9000))
    qtbot.mouseRelease(view, LEFT)
    said = asked(ready, "map")
    assert len(said) == 3
    assert said[-1] == {"do": "map", "x": 0.0, "y": 0.0}
    assert (pixels(view)[60:100, 200:380] != plain[60:100, 200:380]).any()


def test_a_model_without_a_map_says_so(ready: Stage) -> None:
    page = opened(ready)
    ready.window.hear(heard(map=None))
    assert "no map" in page.reason
    assert not page.view.isVisible()
