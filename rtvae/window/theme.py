"""Colours and sizes for a dark stage.

One language throughout: blue is what comes in (or as encoded), orange what goes out (or as
played). Both, and the warning tones, are from the Okabe-Ito set, lightened for a dark ground, so
that they stay apart for colour-blind eyes; nothing is said by colour alone.
"""

from PyQt6.QtGui import QColor, QFont, QPalette
from PyQt6.QtWidgets import QApplication

GROUND = QColor("#0b0e12")
PANEL = QColor("#151a21")
SUNKEN = QColor("#0f1318")
LINE = QColor("#2c3541")
TRACK = QColor("#3a4552")
TEXT = QColor("#eef2f6")
DIM = QColor("#a3afbc")
INPUT = QColor("#5fbcf0")
OUTPUT = QColor("#f5a623")
FOCUS = QColor("#ffffff")
RECORD = QColor("#d7263d")

TONES = {
    "calm": TEXT,
    "good": QColor("#2fc79b"),
    "warn": QColor("#f2e14c"),
    "bad": QColor("#ff7043"),
}

SMALL_PX = 12
BODY_PX = 14
LARGE_PX = 17
NUMBER_PX = 30
GAP_PX = 8


def font(size_px: int, bold: bool = False) -> QFont:
    """Return the application's font at a size in logical pixels."""
    made = QFont(QApplication.font())
    made.setPixelSize(size_px)
    made.setBold(bold)
    return made


def dress(app: QApplication) -> None:
    """Give the whole application the dark look."""
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
        (QPalette.ColorRole.HighlightedText, GROUND),
    ):
        palette.setColor(role, colour)
    app.setPalette(palette)
    app.setStyleSheet(_STYLE)


_STYLE = f"""
QToolTip {{
    background: {PANEL.name()}; color: {TEXT.name()}; border: 1px solid {TRACK.name()};
    padding: 6px; font-size: {BODY_PX}px;
}}
QFrame#panel {{ background: {PANEL.name()}; border-radius: 6px; }}
QPushButton {{
    background: {PANEL.name()}; color: {TEXT.name()}; border: 2px solid {TRACK.name()};
    border-radius: 6px; padding: 4px 10px;
}}
QPushButton:hover {{ border-color: {DIM.name()}; }}
QPushButton:focus {{ border-color: {FOCUS.name()}; }}
QPushButton#mute {{ font-size: 24px; font-weight: bold; }}
QPushButton#mute:checked {{
    background: {TONES["warn"].name()}; color: #000000; border-color: {TONES["warn"].name()};
}}
QPushButton#panic {{
    font-size: 24px; font-weight: bold;
    color: {TONES["bad"].name()}; border-color: {TONES["bad"].name()};
}}
QPushButton#panic:pressed, QPushButton#panic[lit="true"] {{
    background: {TONES["bad"].name()}; color: #000000;
}}
QPushButton#record {{ padding: 2px 12px; border-color: {RECORD.name()}; }}
QPushButton#record[lit="true"] {{ background: {RECORD.name()}; color: #ffffff; }}
QPushButton#record:focus {{ border-color: {FOCUS.name()}; }}
QPushButton#mute:checked:focus, QPushButton#panic:focus {{ border-color: {FOCUS.name()}; }}
QPushButton#page {{ padding: 2px 12px; font-size: {BODY_PX}px; }}
QPushButton#page:checked {{ background: {TRACK.name()}; border-color: {DIM.name()}; }}
QComboBox {{
    background: {SUNKEN.name()}; color: {TEXT.name()}; border: 2px solid {TRACK.name()};
    border-radius: 6px; padding: 4px 10px; font-size: {LARGE_PX}px; font-weight: bold;
}}
QComboBox::drop-down {{ border: none; width: 34px; }}
QComboBox::down-arrow {{ image: none; }}
QComboBox:focus {{ border-color: {FOCUS.name()}; }}
QComboBox QAbstractItemView {{
    background: {SUNKEN.name()}; color: {TEXT.name()}; border: 1px solid {TRACK.name()};
    selection-background-color: {INPUT.name()}; selection-color: #000000;
    font-size: {LARGE_PX}px; padding: 4px;
}}
"""
