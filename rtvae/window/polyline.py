"""Curves from arrays: handed to Qt in one piece, and drawn thick for the price of thin lines."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtGui import QColor, QPainter, QPen, QPolygonF
from pyqtgraph.functions import create_qpolygonf, ndarray_from_qpolygonf


def polygon(x: NDArray[np.floating[Any]], y: NDArray[np.floating[Any]]) -> QPolygonF:
    """Return the points as Qt's own; `x` and `y` are `(points,)`."""
    made: QPolygonF = create_qpolygonf(x.size)
    places = ndarray_from_qpolygonf(made)
    places[:, 0], places[:, 1] = x, y
    return made


def draw(painter: QPainter, line: QPolygonF, colour: QColor, thick: bool = True) -> None:
    """Draw a line one or two pixels high, without smoothing.

    Qt draws lines of one pixel twenty times as fast as wider or smoothed ones.
    """
    painter.setPen(QPen(colour, 0))
    painter.drawPolyline(line)
    if thick:
        painter.drawPolyline(line.translated(0.0, 1.0))
