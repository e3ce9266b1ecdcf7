"""The menu of a control: learn, forget, reset, type a value, and what else it can do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMenu, QWidget

from rtvae.control.parameters import index_of, is_parameter, parameter_at
from rtvae.spec import LatentSpec
from rtvae.window.learn_mark import LearnMark
from rtvae.window.parts import Mapping, Midi
from rtvae.window.target_words import describe
from rtvae.window.typed_value import ask_value
from rtvae.window.value_control import ValueControl

NO_MIDI = "This session has no MIDI."


@dataclass
class Grip:
    """How a control is held: the name it stands for now, its value, and how to set it."""

    target: Callable[[], str]
    value: Callable[[], float] | None = None
    edit: Callable[[float], None] | None = None
    extra: Sequence[tuple[str, Callable[[], None]]] = field(default=())
    marks: bool = True
    mark: LearnMark | None = None


class Learning(Protocol):
    """What the menu asks of `rtvae.window.hands.Hands`."""

    latents: tuple[LatentSpec, ...]

    @property
    def hub(self) -> Midi | None:
        """What the host last said of MIDI."""

    def mapped(self, target: str) -> list[Mapping]:
        """Return what moves a target."""

    def learn(self, target: str) -> None:
        """Let a target learn."""

    def forget(self, target: str) -> None:
        """Let nothing move a target."""


def control_menu(hands: Learning, widget: QWidget, grip: Grip) -> QMenu:
    """Return the menu of a control."""
    target = grip.target()
    menu = QMenu(widget)
    menu.setAccessibleName(f"Menu of {describe(target, hands.latents)}")
    # A section's title is not drawn under a style sheet.
    _line(menu, describe(target, hands.latents), lambda: None).setEnabled(False)
    menu.addSeparator()
    for text, act in grip.extra:
        _line(menu, text, act)
    learn = _line(menu, "Learn MIDI\tL", lambda: hands.learn(target))
    forget = _line(menu, "Forget MIDI", lambda: hands.forget(target))
    learn.setEnabled(hands.hub is not None)
    forget.setEnabled(bool(hands.mapped(target)))
    if hands.hub is None:
        menu.setToolTipsVisible(True)
        learn.setToolTip(NO_MIDI)
    value, edit = grip.value, grip.edit
    if is_parameter(target) and value is not None and edit is not None:
        now, put = value, edit
        _line(menu, "Reset", lambda: put(_rest(widget, target)))
        _line(menu, "Type a value…", lambda: ask_value(widget, target, now(), put))
    return menu


def _line(menu: QMenu, text: str, act: Callable[[], object]) -> QAction:
    line = menu.addAction(text)
    if line is None:
        raise RuntimeError("Qt made no line in a menu.")
    line.triggered.connect(lambda: act())
    return line


def _rest(widget: QWidget, target: str) -> float:
    if isinstance(widget, ValueControl):
        return widget.range.default
    return parameter_at(index_of(target)).default
