"""Presets: what is written is what is set, and anything wrong is named by line and key."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtvae.control.parameters import PARAMETER_COUNT, index_of, name_of, parameter_at
from rtvae.control.preset_tables import KEPT, MIGRATIONS, PRESET_FORMAT
from rtvae.control.presets import (
    ModelName,
    Preset,
    SnapshotSetting,
    format_preset,
    parse_preset,
    settings_of,
    sort_settings,
)
from rtvae.control.routes import Route
from rtvae.errors import PresetError

WHOLE = """\
format = 2
model = "first"
corners = [4, 3, 2, 1]

[mix]
mix = 0.8
output_gain_db = -3
prior = "unit Gaussian"

[[latent]]
number = 1
offset = 0.5
invert = true

[[latent]]
attribute = "pitch"
scale = 1.2

[[mod]]
number = 2
kind = "steps"
step = [0.0, 1.0]

[[route]]
mod = 2
attribute = "loudness"
amount = -0.5

[[snapshot]]
number = 3
offset = [1.0, 2.0]

[[midi]]
channel = 1
number = 21
target = "latent.1.offset"
low = -3.0
high = 3.0
"""
OLD = """\
format = 1
model = "first"

[mix]
mix = 0.8

[[latent]]
number = 1
offset = 0.5
scale = 1.2

[[midi]]
control = 7
target = "mix"
"""


def floats(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False)


def values_of(name: str) -> st.SearchStrategy[float]:
    parameter = parameter_at(index_of(name))
    return floats(parameter.low, parameter.high)


OWN = [name_of(k) for k in range(PARAMETER_COUNT) if name_of(k) not in KEPT]
BY_WORD = {
    "latent.pitch.offset": "latent.1.offset",
    "latent.loudness.freeze": "latent.1.freeze",
    "mod.3.to.brightness": "mod.3.to.1",
}
MODELS = st.none() | st.builds(
    ModelName,
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True),
    st.just("") | st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
)


@st.composite
def routes(draw: st.DrawFn) -> Route:
    name = draw(st.sampled_from(OWN))
    ends = values_of(name)
    return Route(
        number=draw(st.integers(0, 127)),
        target=name,
        low=draw(ends),
        high=draw(ends),
        channel=draw(st.none() | st.integers(1, 16)),
    )


@st.composite
def presets(draw: st.DrawFn) -> Preset:
    names = draw(st.lists(st.sampled_from([*OWN, *BY_WORD]), unique=True, max_size=12))
    drawn = {name: draw(values_of(BY_WORD.get(name, name))) for name in names}
    # A step at rest is the same as none.
    kept = {name: value for name, value in drawn.items() if ".step." not in name or value != 0.0}
    stored = draw(st.lists(st.integers(1, 16), unique=True, max_size=3))
    return Preset(
        name="drawn",
        model=draw(MODELS),
        beside=draw(MODELS),
        settings=sort_settings(kept),
        midi=tuple(draw(st.lists(routes(), max_size=4))),
        snapshots=tuple(
            SnapshotSetting(
                number,
                tuple(draw(st.lists(floats(-8, 8), max_size=20))),
                tuple(draw(st.lists(floats(-4, 4), max_size=20))),
            )
            for number in sorted(stored)
        ),
        corners=draw(st.tuples(*[st.integers(1, 16)] * 4)),
    )


@given(presets())
@settings(deadline=None)
def test_what_is_written_is_read_back(preset: Preset) -> None:
    assert parse_preset(format_preset(preset), "drawn") == preset


@given(st.text() | st.text(alphabet='[]=."\n\t mixlatenmdosprh019-,{}#'))
def test_any_text_is_a_preset_or_one_sentence(text: str) -> None:
    try:
        assert parse_preset("format = 2\n" + text, "drawn").name == "drawn"
    except PresetError as error:
        assert str(error).startswith("Preset drawn ")
        assert "\n" not in str(error)


def test_every_value_that_can_be_played_is_kept_to_the_bit() -> None:
    random = np.random.default_rng(0)
    values = {}
    for name in OWN:
        parameter = parameter_at(index_of(name))
        drawn = random.uniform(parameter.low, parameter.high)
        values[name] = float(np.float32(min(max(drawn, parameter.low), parameter.high)))
    preset = Preset("full", settings=settings_of(values))
    text = format_preset(preset)
    assert len(text) < 1 << 17
    assert parse_preset(text, "full").values(())[0] == values


def test_a_whole_preset() -> None:
    preset = parse_preset(WHOLE, "whole")
    assert preset.model == ModelName("first")
    assert dict(preset.settings) == {
        "mix": 0.8,
        "output_gain_db": -3.0,
        "prior": 0.0,
        "latent.1.offset": 0.5,
        "latent.1.invert": 1.0,
        "latent.pitch.scale": 1.2,
        "mod.2.kind": 4.0,
        "mod.2.step.2": 1.0,
        "mod.2.to.loudness": -0.5,
    }
    assert preset.midi == (Route("latent.1.offset", -3.0, 3.0, number=21, channel=1),)
    assert preset.snapshots == (SnapshotSetting(3, (1.0, 2.0)),)
    assert preset.corners == (4, 3, 2, 1)
    assert preset.highest_latent == 1


def test_what_a_preset_does_not_name_is_at_rest_and_some_things_are_not_its_own() -> None:
    values, missing = parse_preset(WHOLE, "whole").values(("loudness", "", "pitch"))
    assert values["latent.3.scale"] == 1.2
    assert values["mod.2.to.1"] == -0.5
    assert values["generate_pace"] == 1.0
    assert values["latent.2.offset"] == 0.0
    assert not missing
    assert not values.keys() & {"mute", "looper", "beat", "test_tone"}
    assert len(values) == PARAMETER_COUNT - 4


def test_an_attribute_that_the_model_does_not_have_sets_nothing() -> None:
    values, missing = parse_preset(WHOLE, "whole").values(("pitch",))
    assert missing == ["mod.2.to.loudness"]
    assert values["latent.1.scale"] == 1.2


def test_presets_of_format_1_are_read_as_they_were() -> None:
    preset = parse_preset(OLD, "old")
    assert preset == Preset(
        "old",
        ModelName("first"),
        settings=(("mix", 0.8), ("latent.1.offset", 0.5), ("latent.1.scale", 1.2)),
        midi=(Route("mix", 0.0, 1.0, number=7),),
    )
    assert format_preset(preset).startswith("format = 2\n")


def test_each_older_format_has_one_step_to_the_next() -> None:
    assert sorted(MIGRATIONS) == list(range(1, PRESET_FORMAT))
    for made, step in MIGRATIONS.items():
        content = {"format": made, "model": "first"}
        assert step(content)["format"] == made + 1
        assert content["format"] == made


REFUSED = [
    # what to replace, by what, and what the sentence has to say
    ("format = 2", "format = 3", ["line 1", "format", "newer rtvae"]),
    ("format = 2", "", ["format", "missing"]),
    ("format = 2", 'format = "2"', ["line 1", "format", "has to be from 1 to 2"]),
    ("format = 2", "format = true", ["line 1", "format"]),
    ("format = 2", "format = 0", ["line 1", "format"]),
    ('"first"', '"../first"', ["line 2", "model"]),
    ('"first"', "7", ["line 2", "model"]),
    ('"first"', '"first"\nmodel_hash = "12"', ["line 3", "model_hash", "64 digits"]),
    ('model = "first"', f'beside_hash = "{"0" * 64}"', ["line 2", "beside_hash", "without beside"]),
    ("[4, 3, 2, 1]", "[4, 3, 2]", ["line 3", "corners", "four numbers"]),
    ("[4, 3, 2, 1]", "[4, 3, 2, 17]", ["line 3", "corners", "1 to 16"]),
    ("[4, 3, 2, 1]", "[4, 3, 2, true]", ["line 3", "corners"]),
    ("mix = 0.8", "mix = 1.5", ["line 6", "mix.mix", "1.5", "0 to 1"]),
    ("mix = 0.8", "mix = nan", ["line 6", "mix.mix"]),
    ("mix = 0.8", "mix = true", ["line 6", "mix.mix"]),
    ("mix = 0.8", 'mix = "0.8"', ["line 6", "mix.mix"]),
    ("mix = 0.8", "mute = false", ["line 6", "mix.mute", "not known"]),
    ("mix = 0.8", 'looper = "play"', ["line 6", "mix.looper", "not known"]),
    ("mix = 0.8", "mix = 0,8", ["line 6"]),
    ("mix = 0.8", r'"a\nb" = 1', ["mix.'a\\nb'", "not known"]),
    ("mix = 0.8", f"mix = {10**400}", ["line 6", "mix.mix"]),
    ("gain_db = -3", "gain_db = -300", ["line 7", "mix.output_gain_db", "-60 to 24 dB"]),
    ('"unit Gaussian"', '"gauss"', ["line 8", "mix.prior", "unit Gaussian, learned"]),
    ("[mix]", "[mixer]", ["line 5", "mixer", "not known"]),
    ("[mix]", "[effects]", ["line 5", "effects", "not known"]),
    ("[[latent]]\nnumber = 1", "[[latent]]\nnumber = 0", ["line 11", "latent.number", "1 to 128"]),
    ("[[latent]]\nnumber = 1", "[[latent]]", ["line 10", "latent.number", "missing"]),
    ("invert = true", "invert = 2", ["line 13", "latent.invert", "true or false"]),
    ('attribute = "pitch"', "number = 1", ["line 16", "latent.number", "twice"]),
    ('attribute = "pitch"', 'attribute = "colour"', ["line 16", "latent.attribute", "brightness"]),
    ('attribute = "pitch"', 'number = 2\nattribute = "pitch"', ["line 17", "beside number"]),
    ("scale = 1.2", "scale = 1.2\ncolour = 3", ["line 18", "latent.colour", "not known"]),
    ("[[mod]]\nnumber = 2", "[[mod]]\nnumber = 9", ["line 20", "mod.number", "1 to 8"]),
    ('"steps"', '"stairs"', ["line 21", "mod.kind", "sample and hold"]),
    ("[0.0, 1.0]", "[0.0, 1.5]", ["line 22", "mod.step", "-1 to 1"]),
    ("[0.0, 1.0]", str([0.0] * 17), ["line 22", "mod.step", "at most 16"]),
    ("[0.0, 1.0]", "0.5", ["line 22", "mod.step", "a list"]),
    ("amount = -0.5", "", ["line 24", "route.amount", "missing"]),
    ("amount = -0.5", "amount = 80", ["line 27", "route.amount", "-8 to 8 sd"]),
    ("[[snapshot]]\nnumber = 3", "[[snapshot]]\nnumber = 17", ["line 30", "snapshot.number"]),
    ("channel = 1", "channel = 17", ["line 34", "midi.channel", "1 to 16"]),
    ("number = 21", "number = 128", ["line 35", "midi.number", "0 to 127"]),
    ("latent.1.offset", "latent.0.offset", ["line 36", "midi.target", "latent.0.offset"]),
    ("high = 3.0", "high = 9.0", ["line 38", "midi.high", "-8 to 8"]),
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


def test_two_routes_of_one_modulator_to_one_latent_are_refused() -> None:
    twice = WHOLE + '\n[[route]]\nmod = 2\nattribute = "loudness"\namount = 1.0\n'
    with pytest.raises(PresetError, match=r"line 42, route\.attribute loudness is set twice"):
        parse_preset(twice, "broken")


@pytest.mark.parametrize(
    "text",
    ["latent = 3", "latent = [1]", "mix = 1", "midi = {}", "[latent]\nnumber = 1", "route = 1"],
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
    assert preset.midi == (Route("record", 0.0, 1.0, number=45),)
    assert parse_preset(format_preset(preset), "buttons") == preset
    assert preset.highest_latent == 0
