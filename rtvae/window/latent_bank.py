"""All latents of the model, sixteen on a page, with buttons for the pages where there are more."""

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from rtvae.spec import LatentSpec
from rtvae.window import theme
from rtvae.window.hands import Hands
from rtvae.window.latent_strip import LatentStrip
from rtvae.window.pages import PAGE, page_count, page_range, page_title
from rtvae.window.picture import Picture

WIDEST_STRIP_PX = 150
KNOB_PX = 72
LARGE_KNOB_PX = 110


class LatentBank(QWidget):
    """Shows one page of strips; tells which page and which latent has the player's attention."""

    attention = pyqtSignal(int)
    turned = pyqtSignal(int)

    def __init__(self, hands: Hands) -> None:
        super().__init__()
        self._hands = hands
        self.page = 0
        self.strips: list[LatentStrip] = []
        self.latents: tuple[LatentSpec, ...] = ()
        self._buttons = QButtonGroup(self)
        self._buttons.idClicked.connect(self.turn)
        self._pages = QHBoxLayout()
        self._pages.setSpacing(theme.GAP_PX)
        self._row = QHBoxLayout()
        self._row.setSpacing(4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(self._pages)
        layout.addLayout(self._row, 1)
        self._fill_page()

    def set_latents(self, latents: tuple[LatentSpec, ...]) -> None:
        """Show the knobs of another model; the first page comes up."""
        if latents == self.latents:
            return
        self.latents = latents
        self._fill_buttons()
        self.turn(0)

    def turn(self, page: int) -> None:
        """Show a page; pages that are not there are the nearest that is."""
        self.page = min(max(page, 0), page_count(len(self.latents)) - 1)
        button = self._buttons.button(self.page)
        if button is not None:
            button.setChecked(True)
        self._fill_page()
        self.attention.emit(-1)
        self.turned.emit(self.page)

    def follow(
        self, picture: Picture, encoded: NDArray[np.float32], played: NDArray[np.float32]
    ) -> None:
        """Show the values of this frame; latents as in `Picture.newest_latents`."""
        for strip in self.strips:
            k = strip.number - 1
            known = k < len(encoded)
            strip.follow(
                picture,
                float(encoded[k]) if known else float("nan"),
                float(played[k]) if known else float("nan"),
            )

    def _fill_buttons(self) -> None:
        for button in self._buttons.buttons():
            self._buttons.removeButton(button)
        _empty(self._pages)
        count = page_count(len(self.latents))
        if count == 1:
            return
        caption = QLabel("Latents")
        caption.setFont(theme.font(theme.SMALL_PX))
        self._pages.addWidget(caption)
        for page in range(count):
            title = page_title(page, len(self.latents))
            button = QPushButton(title)
            button.setObjectName("page")
            button.setCheckable(True)
            button.setAccessibleName(f"Latents {title}")
            button.setToolTip(f"Show latents {title} (Ctrl+Page Up, Ctrl+Page Down)")
            self._buttons.addButton(button, page)
            self._pages.addWidget(button)
        self._pages.addStretch(1)

    def _fill_page(self) -> None:
        _empty(self._row)
        self.strips = []
        self._row.addStretch()
        knob_px = LARGE_KNOB_PX if len(self.latents) <= PAGE // 2 else KNOB_PX
        for k in page_range(self.page, len(self.latents)):
            strip = LatentStrip(k + 1, self.latents[k], knob_px, self._hands)
            strip.setMaximumWidth(WIDEST_STRIP_PX)
            strip.attention.connect(self._attend)
            self.strips.append(strip)
            self._row.addWidget(strip, 1)
        self._row.addStretch()

    def _attend(self, number: int, on: bool) -> None:
        self.attention.emit(number - 1 if on else -1)


def _empty(layout: QHBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
