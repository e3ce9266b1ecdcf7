"""How well one colour can be read on another, by the Web Content Accessibility Guidelines."""

from PyQt6.QtGui import QColor


def luminance(colour: QColor) -> float:
    """Return the relative luminance, 0 for black to 1 for white (WCAG 2.2, as sRGB defines it)."""
    parts = []
    for share in (colour.redF(), colour.greenF(), colour.blueF()):
        parts.append(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: QColor, other: QColor) -> float:
    """Return the contrast ratio of two opaque colours, 1 to 21; text wants 4.5."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
