"""Words and numbers as the window prints them: foreign text made harmless, values made short."""

import html
import math
import unicodedata
from typing import Any

MINUS = "\u2212"
DASH = "\u2013"
TIMES = "\u00d7"
NAME_LIMIT = 40
SENTENCE_LIMIT = 300


def clean(text: Any, limit: int) -> str:
    """Return foreign text as one plain line of at most `limit` characters.

    Control, formatting and unassigned characters become spaces (they could reorder or hide what
    stands beside them); what is too long ends in an ellipsis. Anything but a string gives "".
    """
    if not isinstance(text, str):
        return ""
    kept = "".join(
        " " if unicodedata.category(c)[0] == "C" or c in "\u2028\u2029" else c
        for c in text[: 4 * limit]
    )
    line = " ".join(kept.split())
    return line if len(line) <= limit else line[: limit - 1] + "\u2026"


def tip(text: str) -> str:
    """Return a tooltip that shows `text` letter by letter.

    Qt guesses whether a tooltip is HTML; this takes the guess away.
    """
    return f"<qt>{html.escape(text)}</qt>"


def signed(value: float, decimals: int) -> str:
    """Return a number with its sign (a true minus) and none on zero: "+0.30", "0.00"."""
    if not math.isfinite(value):
        return DASH
    text = f"{abs(value):.{decimals}f}"
    if float(text) == 0.0:
        return text
    return (MINUS if value < 0 else "+") + text


def percent(share: float) -> str:
    """Return a share of 1 as whole per cent: "23%"."""
    return f"{share * 100:.0f}%" if math.isfinite(share) else DASH


def counted(number: int) -> str:
    """Return a count that stays short: "812", "14.2k", "3.1M"."""
    for size, letter in ((1_000_000, "M"), (10_000, "k")):
        if number >= size:
            return f"{number / (1_000_000 if letter == 'M' else 1000):.1f}{letter}"
    return str(number)
