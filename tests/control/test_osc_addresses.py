"""OSC addresses: every name has one, and patterns mean what OSC says they mean."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtvae.control.osc_addresses import address_of, known_names, names_at, parse_endpoint
from rtvae.errors import UsageError


def test_every_name_has_an_address_that_leads_back_to_it() -> None:
    names = known_names(latents=3)
    assert {"mix", "latent.3.offset", "mod.8.to.3", "do.snapshot.recall.16"} <= set(names)
    assert "latent.4.offset" not in names
    assert "mod.8.to.4" not in names
    assert not any(name.startswith("latent.") for name in known_names(latents=0))
    for name in names:
        assert names_at(address_of(name), 3) == [name]


@pytest.mark.parametrize(
    ("address", "names"),
    [
        ("/rtvae/mi?", ["mix"]),
        ("/rtvae/latent/*/freeze", ["latent.1.freeze", "latent.2.freeze"]),
        ("/rtvae/latent/[1-9]/{offset,scale}", [
            "latent.1.offset", "latent.2.offset", "latent.1.scale", "latent.2.scale",
        ]),
        ("/rtvae/latent/[!2]/clamp", ["latent.1.clamp"]),
        ("/rtvae/latent/pitch/offset", ["latent.pitch.offset"]),
        ("/rtvae/*", [n for n in known_names(2) if "." not in n]),
        ("/rtvae/do/un*", ["do.undo"]),
        ("/other/mix", []), ("/rtvae/", []), ("/rtvae/latent.1.offset", []), ("/rtvae/do/fly", []),
        ("/rtvae/[", []), ("/rtvae/{", []), ("/rtvae/[]", []), ("/rtvae/[!]", []), ("", []),
    ],
)  # fmt: skip
def test_an_address_means(address: str, names: list[str]) -> None:
    assert names_at(address, latents=2) == names


@given(st.text(alphabet="rtvae/*?[]{}!-,.1mix^\\()$", max_size=40))
def test_any_address_is_survived(address: str) -> None:
    known = set(known_names(2))
    assert set(names_at("/rtvae/" + address, 2)) <= known
    assert set(names_at(address, 2)) <= known


@pytest.mark.parametrize(
    "pattern",
    [
        "*{}" * 60,
        "*?" * 90,
        "".join(f"{{{c},{c},{c}}}" for c in "do/snapshot/recall/1"),
        "{,m}*" * 38,
    ],
)
def test_no_pattern_takes_long(pattern: str) -> None:
    begin_s = time.process_time()
    assert names_at(f"/rtvae/{pattern}!", 128) == []
    assert time.process_time() - begin_s < 5.0  # as one regular expression: hours


def test_an_endpoint_is_loopback_unless_told() -> None:
    assert parse_endpoint("9000", "--osc") == ("127.0.0.1", 9000)
    assert parse_endpoint("0.0.0.0:9001", "--osc") == ("0.0.0.0", 9001)
    for wrong in ("", "nine", "0", "70000", "host:", "host"):
        with pytest.raises(UsageError, match="--osc takes PORT"):
            parse_endpoint(wrong, "--osc")
