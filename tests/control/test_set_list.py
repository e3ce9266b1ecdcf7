"""Set lists: presets in their order, next and previous; what is wrong is one sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtvae.control.set_list import Item, SetList, parse_set_list
from rtvae.errors import PresetError

SHOW = """\
format = 1
name = "Friday"

[[entry]]
preset = "Glass"
note = "wait for the drums"

[[entry]]
preset = "Choir"
"""


def test_a_whole_set_list() -> None:
    show = parse_set_list(SHOW, "friday")
    assert show == SetList("Friday", (Item("Glass", "wait for the drums"), Item("Choir")), "friday")
    assert parse_set_list(SHOW.replace('name = "Friday"', ""), "friday").name == "friday"


def test_a_show_has_a_beginning_and_an_end() -> None:
    show = parse_set_list(SHOW, "friday")
    assert [show.after(place) for place in (None, 0, 1)] == [0, 1, None]
    assert [show.before(place) for place in (None, 0, 1)] == [None, None, 0]


@pytest.mark.parametrize(
    ("part", "replacement", "said"),
    [
        ("format = 1", "format = 2", ["line 1", "newer rtvae"]),
        ("format = 1", "format = 0", ["line 1", "has to be 1"]),
        ('"Friday"', "5", ["line 2", "name", "a text"]),
        ('"Friday"', f'"{"x" * 201}"', ["line 2", "name", "200"]),
        ('"Glass"', "5", ["line 5", "entry.preset", "a text"]),
        ('preset = "Choir"', "", ["line 8", "entry.preset", "missing"]),
        ('preset = "Choir"', 'preset = ""', ["line 9", "entry.preset", "missing"]),
        ('"wait for the drums"', '"""a\nb"""', ["line 6", "entry.note"]),
        ("note", "remark", ["line 6", "entry.remark", "not known"]),
        (SHOW[27:], "", ["entry", "missing"]),
        ("[[entry]]", "[entry]", ["not valid TOML"]),
    ],
)
def test_what_is_wrong_is_named_in_one_sentence(
    part: str, replacement: str, said: list[str]
) -> None:
    with pytest.raises(PresetError) as refusal:
        parse_set_list(SHOW.replace(part, replacement, 1), "friday")
    sentence = str(refusal.value)
    assert "\n" not in sentence
    for fragment in ["Set list friday", *said]:
        assert fragment in sentence


def test_no_show_is_that_long() -> None:
    with pytest.raises(PresetError, match="one more than 500"):
        parse_set_list("format = 1\n" + '[[entry]]\npreset = "a"\n' * 501, "long")


@given(st.text() | st.text(alphabet='[]=."\n\t entrypsot'))
def test_any_text_is_a_set_list_or_one_sentence(text: str) -> None:
    try:
        assert parse_set_list("format = 1\n" + text, "drawn").entries
    except PresetError as error:
        assert "\n" not in str(error)
