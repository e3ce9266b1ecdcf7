"""Where the window lies: back where it was, as long as that can be seen and reached."""

from PyQt6.QtCore import QRect, QSize
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QWidget

from rtvae.window.memory import Place

# So much of the upper edge has to be on a screen, for a hand to catch the window by.
_GRIP = QSize(120, 24)


def put(window: QWidget, place: Place | None, maximised: bool) -> None:
    """Give a window that is not yet shown its size, and its place if that is on a screen."""
    screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
    if place is not None and screens:
        x, y, width, height = place
        found = next((screen for screen in screens if _reached(screen, place)), None)
        room = found or screens[0]
        window.resize(QSize(width, height).boundedTo(room.size()))
        if found is not None:
            window.move(x, y)
    elif screens:
        window.resize(window.size().boundedTo(screens[0].size()))
    if maximised:
        window.showMaximized()


def place_of(window: QWidget) -> Place:
    """Return where a window lies while it is neither full nor maximised."""
    whole = window.normalGeometry() if window.isMaximized() or window.isFullScreen() else None
    lies = whole if whole is not None and whole.isValid() else window.geometry()
    return lies.x(), lies.y(), lies.width(), lies.height()


def _reached(screen: QRect, place: Place) -> bool:
    x, y, width, _ = place
    edge = screen.intersected(QRect(x, y, width, _GRIP.height()))
    return edge.width() >= _GRIP.width() and edge.height() >= _GRIP.height()
