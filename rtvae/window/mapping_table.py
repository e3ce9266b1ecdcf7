"""The list of mappings: what each control of a controller moves."""

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from rtvae.spec import LatentSpec
from rtvae.window import theme
from rtvae.window.parts import Mapping
from rtvae.window.target_words import describe
from rtvae.window.text import DASH, MINUS, tip

NOTHING = "No control of a controller moves anything yet."
COLUMNS = ("Moves", "Control", "Range", "How")


class MappingTable(QTableWidget):
    """Emits the place of the mapping that is chosen (-1 for none), and of one to be removed."""

    picked = pyqtSignal(int)
    unwanted = pyqtSignal(int)

    def __init__(self) -> None:
        super().__init__(0, len(COLUMNS))
        self._shown: tuple[Mapping, ...] = ()
        self.setHorizontalHeaderLabels(COLUMNS)
        self.setAccessibleName("MIDI mappings")
        self.setToolTip("What each control moves. Delete removes the one that is chosen.")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setFont(theme.font(theme.BODY_PX))
        rows, head = self.verticalHeader(), self.horizontalHeader()
        if rows is not None and head is not None:
            rows.hide()
            rows.setDefaultSectionSize(22)
            for column in range(len(COLUMNS)):
                stretch, fit = (
                    QHeaderView.ResizeMode.Stretch,
                    QHeaderView.ResizeMode.ResizeToContents,
                )
                head.setSectionResizeMode(column, stretch if column == 1 else fit)
            head.setHighlightSections(False)
            head.setFont(theme.font(theme.SMALL_PX, bold=True))
        self.itemSelectionChanged.connect(lambda: self.picked.emit(self.place))

    @property
    def place(self) -> int:
        """The place of the mapping that is chosen, -1 for none."""
        return self.currentRow() if self.selectedItems() else -1

    def show_mappings(self, mappings: Sequence[Mapping], latents: Sequence[LatentSpec]) -> None:
        """Show these; the mapping that was chosen stays chosen, or else its row."""
        place = self._place_now(mappings)
        self._shown = tuple(mappings)
        self.blockSignals(True)
        self.setRowCount(len(mappings))
        for row, mapping in enumerate(mappings):
            texts = (
                describe(mapping.target, latents), mapping.control, _range(mapping), _how(mapping)
            )  # fmt: skip
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setToolTip(tip(text))
                self.setItem(row, column, item)
        if mappings:
            self.selectRow(min(max(place, 0), len(mappings) - 1))
        self.blockSignals(False)
        self.picked.emit(self.place)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)
        ground = self.viewport()
        if self.rowCount() == 0 and ground is not None:
            with QPainter(ground) as painter:
                painter.setPen(theme.DIM)
                painter.drawText(ground.rect(), Qt.AlignmentFlag.AlignCenter, NOTHING)

    def _place_now(self, mappings: Sequence[Mapping]) -> int:
        """Where the mapping that is chosen stands among these, or else where it stood."""
        place = self.place
        if place < 0:
            return place
        chosen = self._shown[place].named
        places = [k for k, mapping in enumerate(mappings) if mapping.named == chosen]
        return place if place in places or not places else places[0]

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            if self.place >= 0:
                self.unwanted.emit(self.place)
            return
        super().keyPressEvent(event)


def _range(mapping: Mapping) -> str:
    if mapping.low is None or mapping.high is None:
        return DASH
    return f"{mapping.low:g} to {mapping.high:g}".replace("-", MINUS)


def _how(mapping: Mapping) -> str:
    parts = (
        mapping.mode, mapping.curve * (mapping.curve != "linear"),
        f"{mapping.slew_ms:g} ms" if mapping.slew_ms else "",
        "pick-up" * mapping.pick_up, "feedback" * mapping.feedback,
    )  # fmt: skip
    return ", ".join(part for part in parts if part)
