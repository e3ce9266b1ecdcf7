"""Fields: reads values out of parsed TOML one by one and refuses each by its full name.

Nothing is coerced or clamped: a value of the wrong kind or outside its range is a FieldError
whose text reads on after "the card is invalid: ".
"""

import math
import re
from typing import Any

MAX_TEXT = 200


class FieldError(ValueError):
    """One field is missing, unknown, of the wrong kind or out of range."""


class Fields:
    """One TOML table under its dotted name; every key must be asked for before `done`."""

    def __init__(self, table: object, name: str = "") -> None:
        if not isinstance(table, dict):
            raise FieldError(f"{name} must be a table")
        self._table: dict[str, Any] = table
        self._name = name
        self._asked: set[str] = set()

    def text(self, key: str, default: str | None = None, longest: int = MAX_TEXT) -> str:
        """Return a string of at most `longest` characters, none of them a control character."""
        value = self._get(key, default)
        if not isinstance(value, str) or len(value) > longest or not _is_clean(value):
            raise self._wrong(key, f"text of at most {longest} ordinary characters", value)
        return value

    def pattern(self, key: str, pattern: str, meaning: str, default: str | None = None) -> str:
        """Return a string that matches a regular expression as a whole, or the default."""
        value = self.text(key, default)
        if value == default:
            return value
        if not re.fullmatch(pattern, value):
            raise self._wrong(key, meaning, value)
        return value

    def whole(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """Return an integer from `low` to `high`."""
        value = self._get(key, default)
        if type(value) is not int or not low <= value <= high:
            raise self._wrong(key, f"a whole number from {low} to {high}", value)
        return value

    def number(self, key: str, low: float, high: float, default: float | None = None) -> float:
        """Return a finite number from `low` to `high`."""
        value = self._get(key, default)
        if type(value) not in (int, float) or not math.isfinite(value) or not low <= value <= high:
            raise self._wrong(key, f"a number from {low:g} to {high:g}", value)
        return float(value)

    def wholes(self, key: str, low: int, high: int, default: list[int]) -> list[int]:
        """Return a list of integers, each from `low` to `high`."""
        value = self._get(key, default)
        good = isinstance(value, list) and all(type(v) is int and low <= v <= high for v in value)
        if not good:
            raise self._wrong(key, f"a list of whole numbers from {low} to {high}", value)
        return list(value)

    def table(self, key: str) -> "Fields":
        """Return a table that must be there."""
        return Fields(self._get(key, None), self._full(key))

    def tables(self, key: str, most: int) -> list["Fields"]:
        """Return an array of tables, empty if it is not there."""
        value = self._get(key, [])
        if not isinstance(value, list) or len(value) > most:
            raise self._wrong(key, f"at most {most} tables", value)
        return [Fields(item, f"{self._full(key)}[{k}]") for k, item in enumerate(value)]

    def free(self, key: str) -> dict[str, Any]:
        """Return a table whose content is nobody's business, empty if it is not there."""
        value = self._get(key, {})
        if not isinstance(value, dict):
            raise self._wrong(key, "a table", value)
        return value

    def keys(self) -> list[str]:
        """Return the keys that are there."""
        return list(self._table)

    def done(self) -> None:
        """Refuse the first key that nobody asked for."""
        for key in self._table:
            if key not in self._asked:
                raise FieldError(f"{self._full(str(key))!r} is not a known field")

    def _get(self, key: str, default: object) -> Any:
        self._asked.add(key)
        value = self._table.get(key, default)
        if value is None:
            raise FieldError(f"{self._full(key)} is missing")
        return value

    def _full(self, key: str) -> str:
        return f"{self._name}.{key}" if self._name else key

    def _wrong(self, key: str, expected: str, value: object) -> FieldError:
        shown = repr(value)
        shown = shown if len(shown) <= 40 else shown[:37] + "..."
        return FieldError(f"{self._full(key)} must be {expected}, not {shown}")


def _is_clean(text: str) -> bool:
    return all(character.isprintable() or character == "\n" for character in text)
