"""Input and output spectra as two curves over a logarithmic frequency axis."""

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QPen
from PyQt6.QtWidgets import QVBoxLayout

from rtvae.window import theme
from rtvae.window.picture import Picture
from rtvae.window.text import MINUS
from rtvae.window.view import View

TOP_DB = 0.0
BOTTOM_DB = -84.0
_FILL_SHARE = 0.16
_FREQUENCY_TICKS = (
    (50, "50"), (100, ""), (200, "200"), (500, ""), (1000, "1 k"),
    (2000, ""), (5000, "5 k"), (10_000, ""),
)  # fmt: skip
_LEVEL_TICKS = tuple((level, str(level).replace("-", MINUS)) for level in (-72, -48, -24))


class SpectrumView(View):
    """A plot that cannot be dragged by accident; few points and no smoothing keep it cheap."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Spectra of input and output")
        self.setToolTip("Level over frequency: the input in blue, the output in orange.")
        self.setMinimumHeight(110)
        plot = pg.PlotWidget(background=theme.PANEL)
        plot.setMouseEnabled(x=False, y=False)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        plot.getViewBox().setDefaultPadding(0.0)
        plot.setYRange(BOTTOM_DB, TOP_DB)
        plot.showGrid(x=True, y=True, alpha=0.25)
        self._plot = plot
        self._axes = [plot.getAxis(side) for side in ("bottom", "left")]
        ticks = [(np.log10(hertz), name) for hertz, name in _FREQUENCY_TICKS]
        for axis, marks in zip(self._axes, (ticks, list(_LEVEL_TICKS)), strict=True):
            axis.setTicks([marks])
            axis.setStyle(tickFont=theme.font(theme.SMALL_PX), tickLength=0)
            axis.setCacheMode(axis.CacheMode.DeviceCoordinateCache)
        plot.getAxis("left").setWidth(34)
        viewport = plot.viewport()
        viewport.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        viewport.setAutoFillBackground(False)
        self._legends = []
        for name, colour, x in (("in", theme.INPUT, -48), ("out", theme.OUTPUT, -8)):
            legend = pg.LabelItem(name, size="11pt", bold=True)
            legend.setParentItem(plot.getViewBox())
            legend.anchor(itemPos=(1, 0), parentPos=(1, 0), offset=(x, 0))
            self._legends.append((legend, name, colour))
        self._output = pg.PlotCurveItem(fillLevel=BOTTOM_DB)
        self._input = pg.PlotCurveItem()
        for curve in (self._input, self._output):
            plot.addItem(curve)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(plot)
        self._range_of = self._worn = -1

    def follow(self, picture: Picture) -> None:
        """Draw both spectra."""
        if theme.serial != self._worn:
            self._worn = theme.serial
            self._wear()
        x = np.log10(picture.centres_hz)
        if picture.stream_serial != self._range_of:
            self._range_of = picture.stream_serial
            self._plot.setXRange(float(x[0]), float(x[-1]))
        self._input.setData(x, np.maximum(picture.input_curve.levels_db, BOTTOM_DB))
        self._output.setData(x, np.maximum(picture.output_curve.levels_db, BOTTOM_DB))

    def _wear(self) -> None:
        """Take the colours of the look; the plot keeps copies."""
        self._plot.setBackground(QColor(theme.PANEL))
        for axis in self._axes:
            axis.setPen(QColor(theme.LINE))
            axis.setTextPen(QColor(theme.DIM))
        for legend, name, colour in self._legends:
            legend.setText(name, color=colour.name())
        self._input.setPen(_pen(theme.INPUT))
        self._output.setPen(_pen(theme.OUTPUT))
        self._output.setBrush(theme.mixed(theme.OUTPUT, theme.PANEL, _FILL_SHARE))


def _pen(colour: QColor) -> QPen:
    pen = QPen(colour, 2)
    pen.setCosmetic(True)
    return pen
