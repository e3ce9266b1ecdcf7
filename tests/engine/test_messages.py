"""Commands: what the host may say, and that nothing else gets through, whatever it is."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtvae.control.parameters import PARAMETER_COUNT, name_of
from rtvae.engine.messages import (
    Change,
    Fresh,
    Load,
    Prepare,
    Quit,
    Start,
    event,
    failed,
    parse,
)
from rtvae.errors import DeviceBusyError, UsageError

START = {"do": "start", "model": "m", "driver": "dummy"}


def test_the_commands_of_the_host() -> None:
    line = json.dumps(
        {
            **START,
            "input": "a.wav",
            "output": None,
            "sample_rate_hz": 48_000,
            "block_size": 0,
            "input_channels": [1],
            "output_channels": [1, 2],
            "loop": True,
            "duration_s": None,
        }
    )
    assert parse(line) == Start(
        "m", "dummy", "a.wav", None, 48_000, 0, (1,), (1, 2), loop=True, duration_s=None
    )
    assert parse(json.dumps(START)) == Start("m", "dummy")
    assert parse('{"do":"load","model":"x"}') == Load("x")
    assert parse('{"do":"load","model":"x","beside":true}') == Load("x", beside=True)
    assert parse('{"do":"load","model":null,"beside":true}') == Load(None, beside=True)
    assert parse('{"do":"change","model":"x","number":3}') == Change("x", 3)
    assert parse(
        '{"do":"change","model":"x","blend":"y","number":3,"values":{"latent.2.offset":1}}'
    ) == Change("x", 3, "y", {"latent.2.offset": 1})
    assert parse('{"do":"prepare","lineups":[["x",null],["y","z"]]}') == Prepare(
        (("x", None), ("y", "z"))
    )
    assert parse('{"do":"prepare","lineups":[]}') == Prepare(())
    assert parse('{"do":"fresh"}') == Fresh()
    assert parse('{"do":"quit"}') == Quit()


def test_a_second_model_and_buffered_inference_can_be_asked_for_at_the_start() -> None:
    start = parse(json.dumps({**START, "blend": "b", "buffered": True}))
    assert isinstance(start, Start)
    assert (start.blend, start.buffered) == ("b", True)
    assert parse(json.dumps({**START, "blend": None, "buffered": None})) == Start("m", "dummy")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model": ""}, "'model' must be a path"),
        ({"model": "a\0b"}, "'model' must be"),
        ({"model": None}, "'model' must be"),
        ({"driver": "tape"}, "'driver' must be portaudio or dummy or file"),
        ({"sample_rate_hz": 0}, "'sample_rate_hz'"),
        ({"sample_rate_hz": 48_000.5}, "'sample_rate_hz'"),
        ({"block_size": -1}, "'block_size'"),
        ({"block_size": True}, "'block_size'"),
        ({"input_channels": []}, "'input_channels'"),
        ({"output_channels": [0]}, "'output_channels'"),
        ({"output_channels": "12"}, "'output_channels'"),
        ({"loop": 1}, "'loop' must be true or false"),
        ({"duration_s": float("nan")}, "'duration_s'"),
        ({"duration_s": 0}, "'duration_s'"),
        ({"blend": ""}, "'blend' must be a path"),
        ({"buffered": "yes"}, "'buffered' must be true or false"),
        ({"colour": "red"}, "'colour' is not known"),
    ],
)
def test_a_bad_field_is_named(change: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse(json.dumps({**START, **change}))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ("{}", "must be start, load, change, prepare, fresh or quit"),
        ('{"do":["start"]}', "must be start, load, change, prepare, fresh or quit"),
        ('{"do":"start","model":"m"}', "'driver' is missing"),
        ('{"do":"quit","now":true}', "'now' is not known"),
        ('{"do":"load","model":null}', "'model' must be a path"),
        ('{"do":"load","model":null,"beside":false}', "'model' must be a path"),
        ('{"do":"load","model":"x","beside":1}', "'beside' must be true or false"),
        ('{"do":"fresh","model":"x"}', "'model' is not known"),
        ('{"do":"change","model":"x"}', "'number' is missing"),
        ('{"do":"change","model":"x","number":0}', "'number' must be"),
        ('{"do":"change","model":"x","number":1,"values":{"mixx":1}}', "'values' must be"),
        ('{"do":"change","model":"x","number":1,"values":{"mix":NaN}}', "'values' must be"),
        ('{"do":"change","model":"x","number":1,"values":{"mix":"1"}}', "'values' must be"),
        ('{"do":"change","model":"x","number":1,"values":{"mix":true}}', "'values' must be"),
        ('{"do":"change","model":"x","number":1,"values":[1]}', "'values' must be"),
        ('{"do":"prepare"}', "'lineups' is missing"),
        ('{"do":"prepare","lineups":[["x"]]}', "'lineups' must be"),
        ('{"do":"prepare","lineups":[[null,null]]}', "'lineups' must be"),
        ('{"do":"prepare","lineups":{"x":"y"}}', "'lineups' must be"),
        ("[" * 30_000, "not JSON"),
        (" " * 300_000, "300000 characters"),
    ],
)
def test_a_bad_line_is_refused(line: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse(line)


def test_a_change_of_everything_there_is_fits_into_a_line() -> None:
    values = {name_of(k): -0.1000000014901161 for k in range(PARAMETER_COUNT)}
    line = json.dumps({"do": "change", "model": "x" * 4000, "number": 1 << 60, "values": values})
    assert isinstance(parse(line), Change)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(
    st.text()
    | st.dictionaries(st.sampled_from([*START, "loop", "values", "lineups"]), _json).map(json.dumps)
)
def test_any_line_is_a_command_or_one_sentence(line: str) -> None:
    try:
        assert isinstance(parse(line), Start | Load | Change | Prepare | Fresh | Quit)
    except UsageError as refusal:
        assert "\n" not in str(refusal)


def test_events_are_one_line_of_json() -> None:
    line = event("notice", sentence="Gerät\nnot found")
    assert "\n" not in line
    assert json.loads(line) == {"event": "notice", "sentence": "Gerät\nnot found"}
    assert json.loads(failed(DeviceBusyError("It is busy."))) == {
        "event": "failed",
        "kind": "DeviceBusyError",
        "sentence": "It is busy.",
    }
