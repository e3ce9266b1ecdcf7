"""Presets: what is written is what is set, and anything wrong is named by line and key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtvae.control.mapping import MidiRoute
from rtvae.control.parameters import PARAMETER_COUNT, name_of, parameter_at
from rtvae.control.presets import (
    MIX_KEYS,
    LatentSetting,
    Preset,
    format_preset,
    parse_preset,
)
from rtvae.errors import PresetError

WHOLE = """\
format = 1
model = "first"

[mix]
mix = 0.8
output_gain_db = -3

[[latent]]
number = 1
offset = 0.5
scale = 1.2

[[latent]]
number = 2

[[midi]]
channel = 1
control = 21
target = "latent.1.offset"
low = -3.0
high = 3.0

[[midi]]
control = 7
target = "mix"
"""


def floats(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False)


@st.composite
def routes(draw: st.DrawFn) -> MidiRoute:
    place = draw(st.integers(0, PARAMETER_COUNT - 1))
    parameter = parameter_at(place)
    ends = floats(parameter.low, parameter.high)
    return MidiRoute(
        control=draw(st.integers(0, 127)),
        target=name_of(place),
        low=draw(ends),
        high=draw(ends),
        channel=draw(st.none() | st.integers(1, 16)),
    )


@st.composite
def presets(draw: st.DrawFn) -> Preset:
    numbers = draw(st.lists(st.integers(1, 128), unique=True, max_size=5))
    mix = {key: draw(floats(MIX_KEYS[key].low, MIX_KEYS[key].high)) for key in MIX_KEYS}
    kept = draw(st.lists(st.sampled_from(sorted(mix)), unique=True))
    return Preset(
        name="drawn",
        model=draw(st.none() | st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True)),
        mix=tuple((key, mix[key]) for key in kept),
        latents=tuple(
            LatentSetting(number, draw(floats(-8, 8)), draw(floats(-4, 4))) for number in numbers
        ),
        midi=tuple(draw(st.lists(routes(), max_size=4))),
    )


@given(presets())
def test_what_is_written_is_read_back(preset: Preset) -> None:
    assert parse_preset(format_preset(preset), "drawn") == preset


@given(st.text() | st.text(alphabet='[]=."\n\t mixlatenmd019-,{}#'))
def test_any_text_is_a_preset_or_one_sentence(text: str) -> None:
    try:
        assert parse_preset("format = 1\n" + text, "drawn").name == "drawn"
    except PresetError as error:
        assert str(error).startswith("Preset drawn ")
        assert "\n" not in str(error)


def test_a_whole_preset() -> None:
    preset = parse_preset(WHOLE, "whole")
    assert preset.model == "first"
    assert preset.values() == {
        "mix": 0.8,
        "output_gain_db": -3.0,
        "latent.1.offset": 0.5,
        "latent.1.scale": 1.2,
        "latent.2.offset": 0.0,
        "latent.2.scale": 1.0,
    }
    assert preset.midi == (
        MidiRoute(21, "latent.1.offset", -3.0, 3.0, 1),
        MidiRoute(7, "mix", 0.0, 1.0, None),
    )
    assert preset.highest_latent == 2


REFUSED = [
    # what to replace, by what, and what the sentence has to say
    ("format = 1", "format = 2", ["line 1", "format", "newer rtvae"]),
    ("format = 1", "", ["format", "missing"]),
    ("format = 1", 'format = "1"', ["line 1", "format", "has to be 1"]),
    ("format = 1", "format = true", ["line 1", "format"]),
    ('"first"', '"../first"', ["line 2", "model"]),
    ('"first"', "7", ["line 2", "model"]),
    ("mix = 0.8", "mix = 1.5", ["line 5", "mix.mix", "1.5", "0 to 1"]),
    ("mix = 0.8", "mix = nan", ["line 5", "mix.mix"]),
    ("mix = 0.8", "mix = true", ["line 5", "mix.mix"]),
    ("mix = 0.8", 'mix = "0.8"', ["line 5", "mix.mix"]),
    ("mix = 0.8", "mute = 0", ["line 5", "mix.mute", "not known"]),
    ("mix = 0.8", "mix = 0,8", ["line 5"]),
    ("mix = 0.8", r'"a\nb" = 1', ["mix.'a\\nb'", "not known"]),
    ("mix = 0.8", f"mix = {10**400}", ["line 5", "mix.mix"]),
    ("gain_db = -3", "gain_db = -300", ["line 6", "mix.output_gain_db", "-60 to 24 dB"]),
    ("[mix]", "[mixer]", ["line 4", "mixer", "not known"]),
    ("[[latent]]\nnumber = 1", "[[latent]]\nnumber = 0", ["line 9", "latent.number", "1 to 128"]),
    ("[[latent]]\nnumber = 1", "[[latent]]", ["line 8", "latent.number", "missing"]),
    ("number = 2", "number = 1", ["line 14", "latent.number", "twice"]),
    ("number = 2", "number = 2.0", ["line 14", "latent.number"]),
    ("number = 2", "number = 2\ncolour = 3", ["line 15", "latent.colour", "not known"]),
    ("channel = 1", "channel = 17", ["line 17", "midi.channel", "1 to 16"]),
    ("control = 7", "control = 128", ["line 24", "midi.control", "0 to 127"]),
    ("latent.1.offset", "latent.0.offset", ["line 19", "midi.target", "latent.0.offset"]),
    ('target = "mix"', "", ["line 23", "midi.target", "missing"]),
    ("high = 3.0", "high = 9.0", ["line 21", "midi.high", "-8 to 8 sd"]),
]


@pytest.mark.parametrize(("part", "replacement", "said"), REFUSED)
def test_what_is_wrong_is_named_in_one_sentence(
    part: str, replacement: str, said: list[str]
) -> None:
    assert part in WHOLE
    with pytest.raises(PresetError) as refusal:
        parse_preset(WHOLE.replace(part, replacement, 1), "broken")
    sentence = str(refusal.value)
    assert "\n" not in sentence
    for fragment in ["broken", *said]:
        assert fragment in sentence


@pytest.mark.parametrize(
    "text", ["latent = 3", "latent = [1]", "mix = 1", "midi = {}", "[latent]\nnumber = 1"]
)
def test_a_table_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(PresetError, match="has to be"):
        parse_preset(f"format = 1\n{text}\n", "broken")


def test_deep_nesting_and_great_size_are_refused() -> None:
    with pytest.raises(PresetError, match="nested too deep"):
        parse_preset("a = " + "[\n" * 100_000, "deep")
    with pytest.raises(PresetError, match="a line of more than"):
        parse_preset("[" + ".".join("a" * 200_000) + "]", "deep")
    with pytest.raises(PresetError, match="larger than 1 MB"):
        parse_preset("# " * 1_000_000, "large")


def test_a_button_may_press_the_record_key() -> None:
    text = 'format = 1\n[[midi]]\ncontrol = 45\ntarget = "record"\n'
    preset = parse_preset(text, "buttons")
    assert preset.midi == (MidiRoute(45, "record", 0.0, 1.0),)
    assert parse_preset(format_preset(preset), "buttons") == preset
    assert preset.highest_latent == 0
