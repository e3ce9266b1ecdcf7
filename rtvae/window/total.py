"""Total readers of JSON: whatever comes gives a clean, bounded value or its absence."""

import math
from collections.abc import Mapping
from typing import Any

from rtvae.window.text import clean


def table(value: Any) -> Mapping[str, Any]:
    """Return a JSON object; anything else is an empty one."""
    return value if isinstance(value, dict) else {}


def rows(value: Any, limit: int) -> list[Any]:
    """Return the first `limit` entries of a JSON list; anything else has none."""
    return value[:limit] if isinstance(value, list) else []


def number(value: Any) -> float | None:
    """Return a finite number, or None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def within(value: Any, low: float, high: float, usual: float) -> float:
    """Return a number held between two bounds; `usual` for anything else."""
    found = number(value)
    return usual if found is None else min(max(found, low), high)


def whole(value: Any, low: int, high: int) -> int | None:
    """Return a whole number inside the bounds, or None for anything else."""
    found = number(value)
    if found is None or found != int(found) or not low <= found <= high:
        return None
    return int(found)


def names(value: Any, limit: int, letters: int) -> tuple[str, ...]:
    """Return the names in a JSON list, cleaned, each once, empty ones left out."""
    cleaned = (clean(name, letters) for name in rows(value, limit))
    return tuple(dict.fromkeys(name for name in cleaned if name))
