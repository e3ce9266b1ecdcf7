"""The page of MIDI: which inputs are open, what is mapped, and how."""

from typing import Any

from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QMenu, QVBoxLayout

from rtvae.window import theme, wire
from rtvae.window.control_menu import NO_MIDI
from rtvae.window.hands import Hands
from rtvae.window.mapping_editor import MappingEditor
from rtvae.window.mapping_table import MappingTable
from rtvae.window.page import Page
from rtvae.window.parts import Mapping, Midi
from rtvae.window.plate import Plate

HINT = "To map a control: press L over it (or right-click it), then move one on the controller."
AUTOMATIC = "Every input, as it comes and goes"


class MidiPage(Page):
    """Asks the host for everything; shows what the host says."""

    def __init__(self, hands: Hands) -> None:
        super().__init__()
        self._hands = hands
        self._hub = Midi()
        self._ports: tuple[str, ...] = ()
        self.ports = Plate("Inputs ▾", "MIDI inputs", "Choose which MIDI inputs are open.")
        self.stop = Plate("End learning", "End learning", "Learn nothing more (Escape).")
        self.facts, self.hint = _text(), _text()
        self.table = MappingTable()
        self.editor = MappingEditor()
        self.ports.clicked.connect(self._open_ports)
        self.stop.clicked.connect(hands.stop_learning)
        self.table.picked.connect(self._pick)
        self.table.unwanted.connect(self._remove)
        self.editor.changed.connect(self._change)
        self.editor.unwanted.connect(lambda: self._remove(self.table.place))
        hands.changed.connect(self._show_learning)
        hands.changed.connect(self._show_mappings)
        self._lay_out()
        self._show_learning()

    def hear(self, info: wire.HostInfo, latents: int) -> None:
        self.excuse(NO_MIDI if info.hub is None else "")
        if info.hub is None:
            return
        self._hub = info.hub
        opened = self._hub.status or ", ".join(self._hub.open) or "none"
        how = "chosen by itself" if self._hub.automatic else "chosen by you"
        clock = self._hub.clock_bpm
        facts = (
            f"Open inputs ({how}): {opened}",
            f"Clock: {clock:.1f} bpm" if clock is not None else "Clock: none",
            f"Controller map: {', '.join(self._hub.maps)}" if self._hub.maps else "",
        )
        said = "\n".join(fact for fact in facts if fact)
        if said != self.facts.text():
            self.facts.setText(said)
        if self._hub.ports != self._ports:
            self._ports = self._hub.ports
            self._pick(self.table.place)

    def _show_mappings(self) -> None:
        """Show the mappings, also when the latents that they move are called otherwise."""
        hub = self._hands.hub
        if hub is not None:
            self._hub = hub
            self.table.show_mappings(hub.mappings, self._hands.latents)

    def ports_menu(self) -> QMenu:
        """Return the menu of inputs."""
        menu = QMenu(self)
        first = menu.addAction(AUTOMATIC)
        if first is not None:
            first.setCheckable(True)
            first.setChecked(self._hub.automatic)
            first.triggered.connect(lambda: self._hands.ask("midi.ports", names=None))
        menu.addSeparator()
        for port in dict.fromkeys((*self._hub.ports, *self._hub.open)):
            line = menu.addAction(port.replace("&", "&&"))
            if line is not None:
                line.setCheckable(True)
                line.setChecked(port in self._hub.open)
                line.triggered.connect(lambda on, port=port: self._turn(port, on))
        return menu

    def _open_ports(self) -> None:
        menu = self.ports_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.ports.mapToGlobal(QPoint(0, self.ports.height())))

    def _turn(self, port: str, on: bool) -> None:
        others = [name for name in self._hub.open if name != port]
        self._hands.ask("midi.ports", names=[*others, port] if on else others)

    def _mapping(self, place: int) -> Mapping | None:
        return self._hub.mappings[place] if 0 <= place < len(self._hub.mappings) else None

    def _pick(self, place: int) -> None:
        self.editor.show_mapping(self._mapping(place), self._hub.ports)

    def _change(self, fields: dict[str, Any]) -> None:
        chosen = self._mapping(self.table.place)
        if chosen is not None:
            asked = {"index": self.table.place, "was": chosen.named, "target": chosen.target}
            self._hands.ask("mapping.set", **asked, **fields)

    def _remove(self, place: int) -> None:
        chosen = self._mapping(place)
        if chosen is not None:
            self._hands.ask("mapping.remove", index=place, was=chosen.named)

    def _show_learning(self) -> None:
        self.stop.setVisible(bool(self._hands.learning))
        self.hint.setText(self._hands.sentence or HINT)

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(6)
        left.addWidget(self.ports)
        left.addWidget(self.facts)
        left.addWidget(self.hint)
        left.addWidget(self.stop)
        left.addStretch(1)
        self.table.setMinimumHeight(150)
        layout = QHBoxLayout(self.body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * theme.GAP_PX)
        layout.addLayout(left, 5)
        layout.addWidget(self.table, 10)
        layout.addWidget(self.editor, 10)


def _text() -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setFont(theme.font(theme.SMALL_PX))
    return label
