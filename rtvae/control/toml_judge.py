"""Judging a TOML text that a person may have written: whatever is wrong is one sentence.

The sentence names the line and the key. Presets and set lists are judged here; nothing is clamped.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rtvae.control.parameters import Parameter
from rtvae.control.toml_lines import line_of
from rtvae.errors import PresetError

LARGEST_TEXT = 1 << 20
LONGEST_LINE = 2000  # a key of very many parts would take the reader minutes

Content = dict[str, Any]


def read_toml(text: str, called: str) -> Content:
    """Return the content of a text that is `called` so, like "Preset warm". Raises PresetError."""
    if len(text) > LARGEST_TEXT:
        raise PresetError(f"{called} is larger than 1 MB, which it need not be.")
    if max(map(len, text.splitlines()), default=0) > LONGEST_LINE:
        raise PresetError(
            f"{called} has a line of more than {LONGEST_LINE} characters, which none needs."
        )
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        reason = "its tables are nested too deep" if isinstance(error, RecursionError) else error
        raise PresetError(f"{called} is not valid TOML: {reason}.") from error


class Judge:
    """Reads one parsed text and points at the line of whatever is wrong with it.

    `tables` are the keys of each table by its name, "" being the text before any table.
    """

    def __init__(self, text: str, called: str, tables: Mapping[str, tuple[str, ...]]) -> None:
        self._lines = text.splitlines()
        self._called = called
        self._tables = tables

    def refuse(self, table: str, number: int, key: str, reason: str) -> PresetError:
        """Return what to raise about a key in the `number`-th table, from 0, of a name."""
        line = line_of(self._lines, table, number, key)
        where = f"line {line}, " if line else ""
        shown = key if key.isidentifier() else short(key)
        field = f"{table}.{shown}" if table else shown
        return PresetError(f"{self._called} cannot be used: {where}{field} {reason}.")

    def keys(self, content: Content, table: str, number: int) -> None:
        """Refuse keys that are not known."""
        for key in content:
            if key not in self._tables[table]:
                allowed = ", ".join(self._tables[table])
                raise self.refuse(table, number, key, f"is not known here; known are {allowed}")

    def format(self, content: Content, newest: int) -> None:
        """Refuse what is made for a newer rtvae, or for none."""
        made = content.get("format")
        if made is None:
            reason = f"is missing; write format = {newest} on the first line"
            raise self.refuse("", 0, "format", reason)
        if type(made) is int and made > newest:
            reason = f"is {made}, made by a newer rtvae; update rtvae to use this"
            raise self.refuse("", 0, "format", reason)
        if type(made) is not int or made < 1:
            known = f"from 1 to {newest}" if newest > 1 else "1"
            raise self.refuse("", 0, "format", f"has to be {known}")

    def text(self, content: Content, key: str, fits: Callable[[str], object], words: str) -> str:
        """Return a text of the table before any other, "" where there is none."""
        value = content.get(key, "")
        if key in content and not (isinstance(value, str) and fits(value)):
            raise self.refuse("", 0, key, f"has to be {words}")
        return str(value)

    def table(self, content: Content, name: str) -> Content:
        """Return a table that may be there once."""
        table = content.get(name, {})
        if not isinstance(table, dict):
            raise self.refuse("", 0, name, f"has to be a table, written [{name}]")
        self.keys(table, name, 0)
        return table

    def tables(self, content: Content, name: str) -> Iterator[tuple[int, Content]]:
        """Yield the tables of a name, counted from 0."""
        array = content.get(name, [])
        if not isinstance(array, list) or not all(isinstance(table, dict) for table in array):
            raise self.refuse("", 0, name, f"has to be tables, each written [[{name}]]")
        for k, table in enumerate(array):
            self.keys(table, name, k)
            yield k, table

    def whole(self, table: Content, name: str, number: int, key: str, low: int, high: int) -> int:
        """Return a whole number that has to be there."""
        value = table.get(key)
        if value is None:
            raise self.refuse(name, number, key, "is missing")
        if type(value) is not int or not low <= value <= high:
            reason = f"is {short(value)} and has to be a whole number from {low} to {high}"
            raise self.refuse(name, number, key, reason)
        return value

    def numbers(
        self, table: Content, name: str, number: int, key: str, parameter: Parameter, most: int
    ) -> tuple[float, ...]:
        """Return a list of at most so many values of a parameter."""
        values = table.get(key, [])
        if not isinstance(values, list) or len(values) > most:
            raise self.refuse(name, number, key, f"has to be a list of at most {most} numbers")
        return tuple(self.value({key: value}, name, number, key, parameter) for value in values)

    def value(
        self, table: Content, name: str, number: int, key: str, parameter: Parameter
    ) -> float:
        """Return a parameter's value: a number, or a choice by its word, or true or false."""
        value = table.get(key, parameter.default)
        words = parameter.choices
        if type(value) is bool and words == ("off", "on"):
            return float(value)
        if isinstance(value, str) and value in words:
            return parameter.low + words.index(value)
        real = type(value) in (int, float)
        if not real or not parameter.low <= value <= parameter.high:
            raise self.refuse(name, number, key, f"is {short(value)} and {_wanted(parameter)}")
        return float(value)


def _wanted(parameter: Parameter) -> str:
    if parameter.choices == ("off", "on"):
        return "has to be true or false"
    if parameter.choices:
        return f"has to be one of {', '.join(parameter.choices)}"
    unit = f" {parameter.unit}" if parameter.unit else ""
    return f"has to be a number from {parameter.low:g} to {parameter.high:g}{unit}"


def short(value: Any) -> str:
    """Return a value as it is shown in a sentence."""
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
