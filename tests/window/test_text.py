"""Foreign text cannot do harm, numbers stay short."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtvae.window.text import clean, counted, percent, signed, tip


@given(st.text(), st.integers(2, 80))
def test_cleaned_text_is_one_bounded_line_without_control_characters(text: str, limit: int) -> None:
    line = clean(text, limit)
    assert len(line) <= limit
    assert all(c.isprintable() for c in line)


def test_characters_that_turn_the_direction_of_text_are_taken_out() -> None:
    assert clean("safe\u202egnp.exe\x1b[31m", 80) == "safe gnp.exe [31m"


@pytest.mark.parametrize("foreign", [None, 3, ["a"], {"a": 1}])
def test_what_is_no_text_becomes_none(foreign: object) -> None:
    assert clean(foreign, 80) == ""


def test_too_long_text_says_that_it_goes_on() -> None:
    assert clean("x" * 100, 10) == "x" * 9 + "\u2026"


def test_a_tooltip_shows_mark_up_as_letters() -> None:
    assert tip("<b>loud</b> & clear") == "<qt>&lt;b&gt;loud&lt;/b&gt; &amp; clear</qt>"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.3, "+0.3"), (-1.25, "\u22121.2"), (-0.04, "0.0"), (0.0, "0.0"), (math.nan, "\u2013")],
)
def test_signed_numbers(value: float, shown: str) -> None:
    assert signed(value, 1) == shown


def test_counts_and_shares_stay_short() -> None:
    assert [counted(n) for n in (0, 9999, 14_200, 3_100_000)] == ["0", "9999", "14.2k", "3.1M"]
    assert [percent(s) for s in (0.234, 12.0, math.inf)] == ["23%", "1200%", "\u2013"]
