"""OSC addresses: the same names as everywhere, with slashes. Pure.

    /rtvae/mix   /rtvae/latent/3/offset   /rtvae/mod/2/to/pitch      parameters
    /rtvae/do/undo   /rtvae/do/snapshot/recall/3                     actions

An address may be a pattern as OSC 1.0 has them: `?`, `*`, `[a-c]`, `[!a]`, `{one,two}`; none of
them reaches over a slash.
"""

import re
from collections.abc import Sequence

from rtvae.control.actions import action_names, is_action
from rtvae.control.parameters import PARAMETER_COUNT, is_parameter, latent_of, name_of
from rtvae.errors import UsageError

ROOT = "/rtvae/"
ACTION = "do."
LONGEST_ADDRESS = 200
DEFAULT_HOST = "127.0.0.1"
_PATTERN = re.compile(r"[?*\[\]{}]")
_PIECE = re.compile(r"\*+|\?|\[!?[^\]]*\]|\{[^}]*\}|[^?*\[{]+|.")


def address_of(name: str) -> str:
    """Return the address of a parameter, or of an action written as "do.NAME"."""
    return ROOT + name.replace(".", "/")


def name_at(address: str) -> str | None:
    """Return what `address_of` turns back into `address`; None for an address that is not ours."""
    if not address.startswith(ROOT) or len(address) > LONGEST_ADDRESS or "." in address:
        return None
    return address[len(ROOT) :].replace("/", ".")


def names_at(address: str, latents: int) -> list[str]:
    """Return the parameters and "do." actions that an address means, by name; none is no error.

    A pattern means the latents that the model has, `latents` of them.
    """
    name = name_at(address)
    if name is None:
        return []
    if _PATTERN.search(name):
        pieces = [_alternatives(piece) for piece in _PIECE.findall(name)]
        return [known for known in known_names(latents) if _fits(pieces, known)]
    if name.startswith(ACTION):
        return [name] if is_action(name.removeprefix(ACTION)) else []
    return [name] if is_parameter(name) else []


def known_names(latents: int) -> list[str]:
    """Return every parameter that acts on a model with so many latents, and every action."""
    parameters = [
        name_of(k)
        for k in range(PARAMETER_COUNT)
        if (latent := latent_of(k)) is None or latent < latents
    ]
    return parameters + [ACTION + name for name in action_names()]


def parse_endpoint(text: str, what: str) -> tuple[str, int]:
    """Return host and port of "PORT" or "HOST:PORT". Raises UsageError; `what` is the option."""
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or not 0 < int(port) < 1 << 16:
        raise UsageError(
            f"{what} takes PORT or HOST:PORT with a port from 1 to 65535, not {text!r}."
        )
    return host or DEFAULT_HOST, int(port)


def _fits(pieces: Sequence[Sequence[re.Pattern[str]]], name: str) -> bool:
    """Whether pieces make up a name.

    One expression of all of them would try each way to share a name out among many stars, which
    a stranger can make last for hours.
    """
    places = {0}
    for piece in pieces:
        if piece:
            found = (words.match(name, at) for words in piece for at in places)
            places = {match.end() for match in found if match is not None}
        else:
            places = {end for at in places for end in range(at, _end_of_word(name, at) + 1)}
        if not places:
            return False
    return len(name) in places


def _end_of_word(name: str, at: int) -> int:
    dot = name.find(".", at)
    return len(name) if dot < 0 else dot


def _alternatives(piece: str) -> list[re.Pattern[str]]:
    """Return what a piece of a pattern may stand for, nothing for a star."""
    if piece[0] == "*":
        return []
    if piece == "?":
        words = ["[^.]"]
    elif piece[0] == "[" and len(piece) > 2:
        inside = re.escape(piece[1:-1].lstrip("!")).replace(r"\-", "-")
        words = [f"[{'^.' if piece[1] == '!' else ''}{inside}]" if inside else "(?!)"]
    elif piece[0] == "{" and piece[-1] == "}":
        words = [re.escape(word) for word in piece[1:-1].split(",")]
    else:
        words = [re.escape(piece)]
    return [re.compile(word) for word in words]
