"""The modulators that reach a latent: one small coloured bar each, moving as it moves."""

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from rtvae.control.parameters import MODULATORS
from rtvae.window import theme
from rtvae.window.text import signed, tip

HEIGHT_PX = 12


class ReachMarks(QWidget):
    """Each modulator has its place; a bar grows up or down from the middle line."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self._shown: tuple[int, ...] = ()
        self._amounts: tuple[float, ...] = (0.0,) * MODULATORS
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._explain()

    def sizeHint(self) -> QSize:
        return QSize(60, HEIGHT_PX)

    def follow(self, outputs: NDArray[np.float32], reach: NDArray[np.float32]) -> None:
        """Show the modulators' outputs and how far each reaches here, both `(8,)`."""
        amounts = tuple(reach.tolist())
        if amounts != self._amounts:
            self._amounts = amounts
            self._explain()
            self._shown = ()
        elif not any(amounts):
            return
        half = HEIGHT_PX / 2
        swing = np.where(reach == 0.0, 0.0, outputs * np.sign(reach)) * half
        shown = tuple(np.rint(swing).astype(int).tolist())
        if shown != self._shown:
            self._shown = shown
            self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        slot = self.width() / MODULATORS
        middle = HEIGHT_PX / 2
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.PANEL)
            for k, amount in enumerate(self._amounts):
                if amount == 0.0:
                    continue
                swing = self._shown[k] if self._shown else 0
                left = k * slot + 1
                painter.fillRect(QRectF(left, 0, slot - 2, HEIGHT_PX), theme.SUNKEN)
                painter.fillRect(
                    QRectF(left, min(middle, middle - swing) - 1, slot - 2, abs(swing) + 2),
                    theme.MODULATORS[k],
                )

    def _explain(self) -> None:
        reaching = [
            f"modulator {k + 1} by {signed(amount, 1)} sd"
            for k, amount in enumerate(self._amounts)
            if amount
        ]
        said = "; ".join(reaching) or "no modulator reaches it"
        self.setAccessibleName(f"Latent {self._title}: {said}")
        self.setToolTip(tip(f"Latent {self._title}: {said}."))
