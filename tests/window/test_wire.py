"""Any bytes from the host give a bounded message or nothing."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtvae.spec import LatentSpec
from rtvae.window.wire import (
    SENTENCE_LIMIT,
    Front,
    HostInfo,
    Message,
    Quit,
    format_line,
    loading,
    parse,
    setting,
    unknown_latents,
)

NUMBERS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
JSON = st.recursive(
    NUMBERS,
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(["info", "model", "models", "latents", "name", "low", "high", "message"]),
        inner,
    ),
)  # fmt: skip


def info(**said: Any) -> HostInfo:
    heard = parse(format_line({"info": said}))
    assert isinstance(heard, HostInfo)
    return heard


@given(st.binary())
def test_any_bytes_are_understood_or_ignored(line: bytes) -> None:
    assert parse(line) is None or isinstance(parse(line), HostInfo | Message | Quit)


@given(JSON)
def test_any_json_is_understood_or_ignored(said: Any) -> None:
    heard = parse(json.dumps({"info": said}).encode())
    if isinstance(heard, HostInfo) and heard.model is not None:
        for latent in heard.model.latents:
            assert -8.0 <= latent.low <= 0.0 <= latent.high <= 8.0
            assert latent.low < latent.high


@pytest.mark.parametrize(
    "line",
    [b"", b"\n", b"{", b"[]", b"17", b'{"quit": 1}', b'{"info": []}', b'{"message": {"a": 1}}',
     b"[" * 100_000, b'{"quit"'],
)  # fmt: skip
def test_lines_without_meaning_give_nothing(line: bytes) -> None:
    assert parse(line) is None


def test_a_sentence_has_a_level_and_an_end() -> None:
    assert parse(b'{"message": "No sound card.", "level": "warning"}') == Message(
        "No sound card.", "warning"
    )
    long = parse(format_line({"message": "x" * 10_000, "level": "shout"}))
    assert isinstance(long, Message)
    assert (len(long.sentence), long.level) == (SENTENCE_LIMIT, "info")


def test_quit() -> None:
    assert parse(b'{"quit": true}\n') == Quit()


def test_the_model_comes_with_its_knobs() -> None:
    heard = info(
        model={"name": "rooms", "latents": [{"name": "air", "low": -2.0, "high": 2.5}]},
        models=["rooms", "bells", "rooms", 7, ""],
    )
    assert heard.model is not None
    assert heard.model.title == "rooms"
    assert heard.model.latents == (LatentSpec("air", -2.0, 2.5),)
    assert heard.models == ("rooms", "bells")


def test_waiting_is_said_in_so_many_words_or_not_at_all() -> None:
    assert info(waiting=True).waiting
    assert not info(waiting="yes").waiting
    assert not info().waiting


def test_no_model_yet() -> None:
    assert info(model={"name": "", "latents": []}).model is None
    assert info().model is None


@pytest.mark.parametrize(
    ("row", "low", "high"),
    [
        ({"low": 1.0, "high": 2.0}, 0.0, 2.0),
        ({"low": 2.0, "high": 1.0}, -3.0, 3.0),
        ({"low": "a", "high": 1.0}, -3.0, 3.0),
        ({"low": -50.0, "high": 50.0}, -8.0, 8.0),
        ({"low": float("nan"), "high": 1.0}, -3.0, 3.0),
        ("nonsense", -3.0, 3.0),
    ],
)
def test_every_knob_can_rest_at_zero_within_the_parameters_range(
    row: Any, low: float, high: float
) -> None:
    heard = info(model={"name": "m", "latents": [row]})
    assert heard.model is not None
    assert heard.model.latents == (LatentSpec("1", low, high),)


def test_no_more_latents_than_there_are_parameters() -> None:
    heard = info(model={"name": "m", "latents": [{}] * 500})
    assert heard.model is not None
    assert len(heard.model.latents) == 128
    assert len(unknown_latents(500)) == 128


def test_what_the_window_says_is_one_line_of_json() -> None:
    line = format_line(setting({"latent.1.offset": 0.3}))
    assert json.loads(line) == {"set": {"latent.1.offset": 0.3}}
    assert line.count(b"\n") == 1
    assert json.loads(format_line(loading("a\nb"))) == {"do": "model.load", "name": "a\nb"}


def test_a_call_to_the_front_is_no_other_message() -> None:
    assert isinstance(parse(b'{"front": true}'), Front)
    assert parse(b'{"front": "yes"}') is None
