"""Colours and sizes, for a dark stage and for a bright room.

One language throughout: blue is what comes in (or as encoded), orange what goes out (or as
played). Both, and the warning tones, are from the Okabe-Ito set, lightened for a dark ground and
darkened for a light one, so that they stay apart for colour-blind eyes; nothing is said by colour
alone.

A colour is one object that changes in place when another look is worn: whoever keeps one keeps the
current one. Only what has been painted or copied from it (pixmaps, pens) is made anew, by whoever
made it: `serial` tells.
"""

from PyQt6.QtGui import QColor, QFont, QPalette
from PyQt6.QtWidgets import QApplication

LOOKS = ("dark", "light")
_TABLE: list[tuple[QColor, tuple[str, str]]] = []


def _colour(dark: str, light: str) -> QColor:
    """Return a colour that follows the look; "#aarrggbb" where it is to be seen through."""
    colour = QColor(dark)
    _TABLE.append((colour, (dark, light)))
    return colour


GROUND = _colour("#0b0e12", "#e9edf1")
PANEL = _colour("#151a21", "#f7f9fb")
SUNKEN = _colour("#0f1318", "#ffffff")
LINE = _colour("#2c3541", "#c3ccd6")
TRACK = _colour("#3a4552", "#b4bec9")
TEXT = _colour("#eef2f6", "#12161b")
DIM = _colour("#a3afbc", "#485460")
INPUT = _colour("#5fbcf0", "#00629b")
OUTPUT = _colour("#f5a623", "#a35200")
ENCODED = _colour("#3d7396", "#6fa9cc")
FOCUS = _colour("#ffffff", "#000000")
RECORD = _colour("#d7263d", "#c21f35")
ON_RECORD = _colour("#ffffff", "#ffffff")
# Text upon something lit in a tone or in the colour of input or output.
ON_LIT = _colour("#000000", "#ffffff")
SHADE = _colour("#16ffffff", "#16000000")
VEIL = _colour("#be0b0e12", "#d8f7f9fb")

TONES = {
    "calm": TEXT,
    "good": _colour("#2fc79b", "#006a4d"),
    "warn": _colour("#f2e14c", "#6b5600"),
    "bad": _colour("#ff7043", "#b3201a"),
}

# A colour for each modulator, wherever it shows; its number stands beside it.
MODULATORS = tuple(
    _colour(dark, light)
    for dark, light in (
        ("#56b4e9", "#0072b2"),
        ("#e69f00", "#a66f00"),
        ("#35c79b", "#00785a"),
        ("#f0e442", "#7d7400"),
        ("#ff8a5c", "#b04a00"),
        ("#e08ac0", "#a03f78"),
        ("#a497ff", "#4b3bc4"),
        ("#c4ccd4", "#4d5862"),
    )
)

SMALL_PX = 12
BODY_PX = 14
LARGE_PX = 17
NUMBER_PX = 30
GAP_PX = 8

look = LOOKS[0]
serial = 0


def font(size_px: int, bold: bool = False) -> QFont:
    """Return the application's font at a size in logical pixels."""
    made = QFont(QApplication.font())
    made.setPixelSize(size_px)
    made.setBold(bold)
    return made


def see_through(colour: QColor, share: float) -> QColor:
    """Return a copy of a colour of which so much is seen, 0 to 1."""
    thin = QColor(colour)
    thin.setAlphaF(share)
    return thin


def mixed(colour: QColor, ground: QColor, share: float) -> QColor:
    """Return what so much of a colour on a ground looks like; painted faster than what is thin."""
    parts = (
        round(share * over + (1.0 - share) * under)
        for over, under in zip(colour.getRgb()[:3], ground.getRgb()[:3], strict=True)
        if over is not None and under is not None
    )
    return QColor(*parts)


def dress(app: QApplication, wanted: str = LOOKS[0]) -> None:
    """Give the whole application a look of LOOKS; any other name is the first."""
    global look, serial
    look = wanted if wanted in LOOKS else LOOKS[0]
    serial += 1
    for colour, names in _TABLE:
        colour.setRgba(QColor(names[LOOKS.index(look)]).rgba())
    app.setStyle("Fusion")
    base = app.font()
    base.setPixelSize(BODY_PX)
    app.setFont(base)
    palette = QPalette()
    for role, colour in (
        (QPalette.ColorRole.Window, GROUND),
        (QPalette.ColorRole.WindowText, TEXT),
        (QPalette.ColorRole.Base, SUNKEN),
        (QPalette.ColorRole.AlternateBase, PANEL),
        (QPalette.ColorRole.Text, TEXT),
        (QPalette.ColorRole.Button, PANEL),
        (QPalette.ColorRole.ButtonText, TEXT),
        (QPalette.ColorRole.ToolTipBase, PANEL),
        (QPalette.ColorRole.ToolTipText, TEXT),
        (QPalette.ColorRole.PlaceholderText, DIM),
        (QPalette.ColorRole.Highlight, INPUT),
        (QPalette.ColorRole.HighlightedText, ON_LIT),
    ):
        palette.setColor(role, colour)
    app.setPalette(palette)
    app.setStyleSheet(_style())


def _style() -> str:
    return f"""
QToolTip {{
    background: {PANEL.name()}; color: {TEXT.name()}; border: 1px solid {TRACK.name()};
    padding: 6px; font-size: {BODY_PX}px;
}}
QFrame#panel {{ background: {PANEL.name()}; border-radius: 6px; }}
QPushButton, QToolButton {{
    background: {PANEL.name()}; color: {TEXT.name()}; border: 2px solid {TRACK.name()};
    border-radius: 6px; padding: 4px 10px;
}}
QPushButton:hover, QToolButton:hover {{ border-color: {DIM.name()}; }}
QPushButton:focus, QToolButton:focus {{ border-color: {FOCUS.name()}; }}
QPushButton:disabled, QToolButton:disabled {{ color: {DIM.name()}; }}
QToolButton::menu-indicator {{ image: none; }}
QPushButton#mute {{ font-size: 24px; font-weight: bold; }}
QPushButton#mute:checked {{
    background: {TONES["warn"].name()}; border-color: {TONES["warn"].name()};
    color: {ON_LIT.name()};
}}
QPushButton#panic {{
    font-size: 24px; font-weight: bold;
    color: {TONES["bad"].name()}; border-color: {TONES["bad"].name()};
}}
QPushButton#panic:pressed, QPushButton#panic[lit="true"] {{
    background: {TONES["bad"].name()}; color: {ON_LIT.name()};
}}
QPushButton#record {{ padding: 2px 12px; border-color: {RECORD.name()}; }}
QPushButton#record[lit="true"] {{ background: {RECORD.name()}; color: {ON_RECORD.name()}; }}
QPushButton#record:focus {{ border-color: {FOCUS.name()}; }}
QPushButton#mute:checked:focus, QPushButton#panic:focus {{ border-color: {FOCUS.name()}; }}
QPushButton#page, QToolButton#page {{ padding: 2px 12px; font-size: {BODY_PX}px; }}
QPushButton#page:checked {{ background: {TRACK.name()}; border-color: {DIM.name()}; }}
QPushButton#tone {{ padding: 2px 12px; }}
QPushButton#tone:checked {{
    background: {OUTPUT.name()}; border-color: {OUTPUT.name()}; color: {ON_LIT.name()};
}}
QPushButton#tone:checked:focus {{ border-color: {FOCUS.name()}; }}
QComboBox {{
    background: {SUNKEN.name()}; color: {TEXT.name()}; border: 2px solid {TRACK.name()};
    border-radius: 6px; padding: 4px 10px; font-size: {LARGE_PX}px; font-weight: bold;
}}
QComboBox#small {{ font-size: {BODY_PX}px; padding: 2px 8px; }}
QComboBox:disabled {{ color: {DIM.name()}; }}
QComboBox::drop-down {{ border: none; width: 34px; }}
QComboBox::down-arrow {{ image: none; }}
QComboBox:focus {{ border-color: {FOCUS.name()}; }}
QComboBox QAbstractItemView {{
    background: {SUNKEN.name()}; color: {TEXT.name()}; border: 1px solid {TRACK.name()};
    selection-background-color: {INPUT.name()}; selection-color: {ON_LIT.name()};
    font-size: {LARGE_PX}px; padding: 4px;
}}
QMenu {{
    background: {SUNKEN.name()}; color: {TEXT.name()}; border: 1px solid {TRACK.name()};
    font-size: {LARGE_PX}px; padding: 4px;
}}
QMenu::item {{ padding: 6px 24px; }}
QMenu::item:disabled {{ color: {DIM.name()}; }}
QMenu::item:selected {{ background: {INPUT.name()}; color: {ON_LIT.name()}; }}
QMenu::separator {{ height: 1px; background: {TRACK.name()}; margin: 4px 8px; }}
QDialog {{ background: {GROUND.name()}; border: 2px solid {TRACK.name()}; }}
QPushButton#begin {{
    background: {TONES["good"].name()}; color: {ON_LIT.name()};
    border-color: {TONES["good"].name()}; font-size: 24px; font-weight: bold;
}}
QPushButton#begin:focus {{ border-color: {FOCUS.name()}; }}
"""
