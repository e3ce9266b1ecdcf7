"""What every control shares: it sends what it was turned to, and a controller can learn it.

A control is taken once, with the name of its parameter or action. From then on a right click, the
menu key or a long touch opens its menu, L lets it learn, and its mark and its hint say what moves
it.
"""

from collections.abc import Callable, Sequence
from typing import Any

from PyQt6.QtCore import QEvent, QObject, QPoint, pyqtSignal
from PyQt6.QtGui import QCursor, QHelpEvent
from PyQt6.QtWidgets import QApplication, QMenu, QToolTip, QWidget

from rtvae.spec import LatentSpec
from rtvae.window import wire
from rtvae.window.control_menu import NO_MIDI, Grip, control_menu
from rtvae.window.hold import Hold
from rtvae.window.learn_mark import LearnMark
from rtvae.window.parts import Mapping, Midi
from rtvae.window.target_words import describe, numbered
from rtvae.window.text import tip
from rtvae.window.value_control import ValueControl

BLINK_S = 0.35
ESCAPE = "Esc ends it."
NOTHING_HERE = "To learn MIDI, point at a control or give it the focus, then press L."


class Hands(QObject):
    """Emits what the player sets and asks for, and sentences for the player.

    `changed` comes when what is mapped or learned has changed.
    """

    edited = pyqtSignal(str, float)
    asked = pyqtSignal(dict)
    told = pyqtSignal(str)
    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.latents: tuple[LatentSpec, ...] = ()
        self.learning = ""
        self._hub: Midi | None = None
        self._mapped: dict[str, list[Mapping]] = {}
        self._grips: dict[QWidget, Grip] = {}
        self._last: QWidget | None = None
        self._hold = Hold(self._open_menu, mouse=False)
        self._lit = True

    def take(
        self,
        widget: QWidget,
        target: str | Callable[[], str],
        *,
        value: Callable[[], float] | None = None,
        edit: Callable[[float], None] | None = None,
        extra: Sequence[tuple[str, Callable[[], None]]] = (),
        long_touch: bool = True,
        marks: bool = True,
    ) -> None:
        """Take a control in; `extra` are more lines of its menu.

        A control without a fixed name gives a function, and `value` and `edit` for what it names.
        One that shows itself what moves it does without `marks`.
        """
        if isinstance(widget, ValueControl):
            value, edit = (lambda: widget.exact), widget.edit
        grip = Grip(
            (lambda: target) if isinstance(target, str) else target, value, edit, extra, marks
        )
        self._grips[widget] = grip
        widget.installEventFilter(self)
        if long_touch:
            self._hold.watch(widget)
        widget.destroyed.connect(lambda: self._lose(widget))
        self._show_mark(widget, grip)

    def renew(self, widget: QWidget) -> None:
        """Look anew at a control that stands for something else from now on."""
        grip = self._grips.get(widget)
        if grip is not None:
            self._show_mark(widget, grip)

    def ask(self, do: str, **arguments: Any) -> None:
        """Have something done by the host."""
        self.asked.emit(wire.doing(do, **arguments))

    def edit(self, name: str, value: float) -> None:
        """Set a parameter."""
        self.edited.emit(name, value)

    def hear(self, hub: Midi | None, latents: tuple[LatentSpec, ...]) -> None:
        """Take in what the host says of MIDI, and the latents that names with attributes mean."""
        before, self._hub = self._hub, hub
        if latents == self.latents and _moved(hub) == _moved(before):
            return
        self.latents = latents
        self.learning = numbered(hub.learning, latents) if hub is not None else ""
        self._mapped = {}
        for mapping in hub.mappings if hub is not None else ():
            self._mapped.setdefault(numbered(mapping.target, latents), []).append(mapping)
        self._show_marks()

    def blink(self, now_s: float) -> None:
        """Let the mark of what learns go on and off."""
        lit = not self.learning or int(now_s / BLINK_S) % 2 == 0
        if lit != self._lit:
            self._lit = lit
            for grip in self._grips.values():
                if grip.mark is not None and grip.mark.learning:
                    grip.mark.show_learning(True, lit)

    @property
    def hub(self) -> Midi | None:
        """What the host last said of MIDI."""
        return self._hub

    @property
    def sentence(self) -> str:
        """What is to be done while a control learns; "" while none does."""
        if not self.learning:
            return ""
        named = describe(self.learning, self.latents)
        return f"Learning {named}: move a control on the controller now. {ESCAPE}"

    def mapped(self, target: str) -> list[Mapping]:
        """Return what moves a target."""
        return self._mapped.get(target, [])

    def learn_here(self) -> None:
        """Let the control under the mouse, or with the focus, learn; say so where there is none.

        Of the two it is the one that got the player's attention last.
        """
        focus = QApplication.focusWidget()
        widget = self._last or (focus if focus in self._grips else None)
        if widget is None:
            self.told.emit(NOTHING_HERE)
        else:
            self.learn(self._grips[widget].target())

    def learn(self, target: str) -> None:
        """Ask the host to let a target learn; again for the same one ends it."""
        if self._hub is None:
            self.told.emit(NO_MIDI)
            return
        if not target:
            return
        self.learning = "" if target == self.learning else target
        self.ask("learn", target=self.learning or None)
        self._show_marks()

    def forget(self, target: str) -> None:
        """Ask the host to let nothing move a target, by whichever names it is mapped."""
        for name in dict.fromkeys(mapping.target for mapping in self.mapped(target)):
            self.ask("unlearn", target=name)

    def stop_learning(self) -> None:
        """End learning, whatever learns."""
        self.learning = ""
        self.ask("learn", target=None)
        self._show_marks()

    def menu(self, widget: QWidget) -> QMenu:
        """Return the menu of a control that was taken."""
        return control_menu(self, widget, self._grips[widget])

    def eventFilter(self, widget: QObject | None, event: QEvent | None) -> bool:
        if not isinstance(widget, QWidget) or event is None or widget not in self._grips:
            return False
        kind = event.type()
        if kind in (QEvent.Type.Enter, QEvent.Type.FocusIn):
            self._last = widget
        elif kind in (QEvent.Type.Leave, QEvent.Type.FocusOut) and self._last is widget:
            self._last = None
        elif kind == QEvent.Type.Resize:
            mark = self._grips[widget].mark
            if mark is not None:
                mark.place()
        elif kind == QEvent.Type.ContextMenu:
            self._open_menu(widget)
            return True
        elif kind == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.hint(widget), widget)
            return True
        return False

    def hint(self, widget: QWidget) -> str:
        """Return the tooltip of a control, with what moves it."""
        text = widget.toolTip()
        if text and not text.startswith("<qt>"):
            text = tip(text)
        moved = "; ".join(m.control for m in self.mapped(self._grips[widget].target()))
        if not moved:
            return text
        return f"{text.removesuffix('</qt>')}<br>{tip(f'MIDI: {moved}').removeprefix('<qt>')}"

    def _open_menu(self, widget: QWidget) -> None:
        menu = self.menu(widget)
        menu.aboutToHide.connect(menu.deleteLater)
        inside = widget.rect().contains(widget.mapFromGlobal(QCursor.pos()))
        menu.popup(QCursor.pos() if inside else widget.mapToGlobal(QPoint(0, widget.height())))

    def _show_marks(self) -> None:
        for widget, grip in list(self._grips.items()):
            self._show_mark(widget, grip)
        self.changed.emit()

    def _show_mark(self, widget: QWidget, grip: Grip) -> None:
        target = grip.target() if grip.marks else ""
        moved, learning = self.mapped(target), bool(target) and target == self.learning
        widget.setAccessibleDescription("; ".join(f"MIDI: {m.control}" for m in moved))
        if not moved and not learning:
            if grip.mark is not None:
                grip.mark.hide()
                grip.mark.deleteLater()
                grip.mark = None
            return
        if grip.mark is None:
            grip.mark = LearnMark(widget)
        grip.mark.show_learning(learning, True)

    def _lose(self, widget: QWidget) -> None:
        self._grips.pop(widget, None)
        if self._last is widget:
            self._last = None


def _moved(hub: Midi | None) -> object:
    """What of MIDI the controls show."""
    return None if hub is None else (hub.learning, hub.mappings)
