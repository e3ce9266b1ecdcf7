"""The table of everything a player can set, and where each value lies in the control block.

Scalars come first, then banks: a bank repeats its parameters for each latent, each modulator, each
step of a modulator or each way from a modulator to a latent. Names are what presets, MIDI
mappings, OSC and the window use; players count latents, modulators and steps from 1:

    mix   latent.3.offset   mod.2.rate_hz   mod.2.step.16   mod.2.to.3

Where a model says which of its latents is the loudness, the brightness or the pitch, that word may
stand for its number (`latent.pitch.offset`, `mod.2.to.pitch`): `resolve` puts the number there.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from rtvae.spec import ATTRIBUTES, MAX_LATENTS

MODULATORS = 8
STEPS = 16


@dataclass(frozen=True)
class Parameter:
    """One settable value: its name, unit, range and value at rest.

    `choices` names its whole values from `low` on; a switch has the choices off and on.
    """

    name: str
    low: float
    high: float
    default: float
    unit: str
    meaning: str
    choices: tuple[str, ...] = ()


def _choice(name: str, choices: tuple[str, ...], meaning: str, default: int = 0) -> Parameter:
    return Parameter(name, 0.0, len(choices) - 1.0, float(default), "", meaning, choices)


def _switch(name: str, meaning: str) -> Parameter:
    return _choice(name, ("off", "on"), meaning)


LOOPER_STATES = ("off", "record", "play", "overdub")
PRIORS = ("unit Gaussian", "learned")
MODULATOR_KINDS = ("off", "lfo", "random walk", "follower", "steps", "sample and hold")
LFO_SHAPES = ("sine", "triangle", "saw up", "saw down", "square")

SCALARS = (
    Parameter("mix", 0.0, 1.0, 1.0, "", "0 is the dry input, 1 the model"),
    Parameter("input_gain_db", -60.0, 24.0, 0.0, "dB", "level into the model"),
    Parameter("output_gain_db", -60.0, 24.0, 0.0, "dB", "level after the mix"),
    _switch("mute", "silences the output with a ramp"),
    Parameter("blend", 0.0, 1.0, 0.0, "", "0 is the model, 1 the one beside it"),
    Parameter("variation", 0.0, 1.0, 0.0, "", "how much of the posterior's spread is sampled"),
    Parameter("diffusion", 0.0, 2.0, 0.0, "sd", "noise on all latents at once"),
    Parameter("diffusion_colour", 0.0, 1.0, 0.5, "", "0 is new noise each hop, 1 a slow drift"),
    Parameter("feedback", 0.0, 0.98, 0.0, "", "share of the latents played before"),
    Parameter("feedback_ms", 1.0, 2000.0, 120.0, "ms", "how long before"),
    Parameter("generate", 0.0, 1.0, 0.0, "", "0 are the input's latents, 1 generated ones"),
    _choice("prior", PRIORS, "what latents are generated from", 1),
    Parameter("generate_pace", 0.0, 4.0, 1.0, "", "how fast generated latents move, 0 stands"),
    Parameter("generate_spread", 0.0, 2.0, 1.0, "", "how far generated latents go"),
    Parameter("leash", 0.0, 1.0, 0.5, "", "how firmly latents are held where the model is at home"),
    _choice("looper", LOOPER_STATES, "records the latents played and repeats them"),
    Parameter("looper_mix", 0.0, 1.0, 1.0, "", "0 are live latents, 1 the loop"),
    Parameter("looper_speed", 0.25, 4.0, 1.0, "", "how fast the loop is repeated"),
    Parameter("tempo_bpm", 20.0, 300.0, 120.0, "bpm", "beats a minute for modulators and looper"),
    Parameter("beat", 0.0, 1e6, 0.0, "", "the beat that a clock outside has reached"),
    _switch("test_tone", "a quiet 440 Hz tone at the output, to find the loudspeaker by"),
    # The host turns these into offsets and scales of the latents (rtvae/host/snapshots.py).
    Parameter("morph", 0.0, 1.0, 0.0, "", "a way along the stored snapshots, from first to last"),
    Parameter("pad_x", 0.0, 1.0, 0.5, "", "from left to right between four snapshots"),
    Parameter("pad_y", 0.0, 1.0, 0.5, "", "from bottom to top between four snapshots"),
    Parameter("map_x", 0.0, 1.0, 0.5, "", "from left to right on the map of the training set"),
    Parameter("map_y", 0.0, 1.0, 0.5, "", "from bottom to top on the map of the training set"),
    Parameter("steer", 0.0, 1.0, 0.7, "", "how much of the map's place, 1 leaves the input least"),
    Parameter("glide_ms", 0.0, 10000.0, 50.0, "ms", "how long it takes to a snapshot or place"),
)

OFFSET = Parameter("offset", -8.0, 8.0, 0.0, "sd", "added to the latent after scaling")
SCALE = Parameter("scale", -4.0, 4.0, 1.0, "", "multiplies the latent before the offset")
LATENT = (
    OFFSET,
    SCALE,
    _switch("invert", "turns the latent over"),
    _switch("freeze", "holds the latent where it is"),
    _switch("clamp", "keeps the latent within the range that its card states"),
)
MODULATOR = (
    _choice("kind", MODULATOR_KINDS, "what moves"),
    Parameter("depth", 0.0, 1.0, 1.0, "", "how much of it is used"),
    Parameter("rate_hz", 0.01, 50.0, 1.0, "Hz", "cycles, steps or new values a second"),
    Parameter("beats", 0.0, 64.0, 0.0, "", "beats to a cycle or step; 0 goes by rate_hz"),
    _choice("shape", LFO_SHAPES, "the LFO's shape"),
    Parameter("phase", 0.0, 1.0, 0.0, "", "where in its cycle it begins"),
    Parameter("smooth_ms", 0.0, 2000.0, 0.0, "ms", "how long it takes from one value to the next"),
    Parameter("attack_ms", 0.1, 2000.0, 10.0, "ms", "how fast the follower rises"),
    Parameter("release_ms", 1.0, 5000.0, 200.0, "ms", "how fast the follower falls"),
    Parameter("steps", 1.0, float(STEPS), 8.0, "", "how many steps are played"),
)
STEP = (Parameter("step", -1.0, 1.0, 0.0, "", "the value of one step"),)
ROUTE = (Parameter("to", -8.0, 8.0, 0.0, "sd", "how far the modulator moves the latent"),)


@dataclass(frozen=True)
class _Bank:
    """Parameters repeated `counts[0]` (times `counts[1]`) times: all places of the first, then of
    the second, and so on. `pattern` is the name with a field for each count and one for `name`.
    """

    pattern: str
    counts: tuple[int, ...]
    parameters: tuple[Parameter, ...]
    first: int

    @property
    def places(self) -> int:
        return math.prod(self.counts)

    @property
    def end(self) -> int:
        return self.first + self.places * len(self.parameters)

    def parameter(self, index: int) -> Parameter:
        return self.parameters[(index - self.first) // self.places]

    def name(self, index: int) -> str:
        place = (index - self.first) % self.places
        numbers = []
        for count in reversed(self.counts):
            numbers.append(place % count + 1)
            place //= count
        return self.pattern.format(*reversed(numbers), name=self.parameter(index).name)


def _banks() -> tuple[_Bank, ...]:
    banks: list[_Bank] = []
    first = len(SCALARS)
    for pattern, counts, parameters in (
        ("latent.{0}.{name}", (MAX_LATENTS,), LATENT),
        ("mod.{0}.{name}", (MODULATORS,), MODULATOR),
        ("mod.{0}.step.{1}", (MODULATORS, STEPS), STEP),
        ("mod.{0}.to.{1}", (MODULATORS, MAX_LATENTS), ROUTE),
    ):
        banks.append(_Bank(pattern, counts, parameters, first))
        first = banks[-1].end
    return tuple(banks)


_BANKS = _banks()
FIRST_LATENT = _BANKS[0].first
FIRST_MODULATOR = _BANKS[1].first
FIRST_STEP = _BANKS[2].first
FIRST_ROUTE = _BANKS[3].first
PARAMETER_COUNT = _BANKS[-1].end

_NAMES = (
    *(parameter.name for parameter in SCALARS),
    *(bank.name(k) for bank in _BANKS for k in range(bank.first, bank.end)),
)
_INDEX = {name: k for k, name in enumerate(_NAMES)}
_PARAMETERS = (
    *SCALARS,
    *(bank.parameter(k) for bank in _BANKS for k in range(bank.first, bank.end)),
)
_BY_WORD = re.compile(rf"(latent\.|mod\.[0-9]{{1,2}}\.to\.)({'|'.join(ATTRIBUTES)})(\..*)?")


def index_of(name: str) -> int:
    """Return the place of a parameter in the control block. Raises KeyError for any other name."""
    return _INDEX[name]


def parameter_at(index: int) -> Parameter:
    """Return the description of the parameter at a place in the control block."""
    return _PARAMETERS[index]


def name_of(index: int) -> str:
    """Return the name that `index_of` turns back into `index`."""
    return _NAMES[index]


def is_parameter(name: str) -> bool:
    """Whether a name is a parameter's, with a number or an attribute for the latent."""
    return name in _INDEX or resolve(name, ATTRIBUTES) in _INDEX


def resolve(name: str, attributes: Sequence[str]) -> str | None:
    """Return a name with the latent's number where it has an attribute; None if there is none.

    `attributes` are the model's, one for each latent, "" where it has none.
    """
    found = _BY_WORD.fullmatch(name)
    if found is None:
        return name
    if found[2] not in attributes:
        return None
    return f"{found[1]}{attributes.index(found[2]) + 1}{found[3] or ''}"


def latent_bank(name: str, latents: int) -> slice:
    """Return the places of one of the LATENT parameters for the first `latents` latents."""
    first = _INDEX[f"latent.1.{name}"]
    return slice(first, first + latents)


def latent_of(index: int) -> int | None:
    """Return the latent, from 0, that a place belongs to; None where it belongs to none."""
    if FIRST_LATENT <= index < FIRST_MODULATOR:
        return (index - FIRST_LATENT) % MAX_LATENTS
    return (index - FIRST_ROUTE) % MAX_LATENTS if index >= FIRST_ROUTE else None


def defaults() -> list[float]:
    """Return every parameter's value at rest, in the order of the control block."""
    return [parameter.default for parameter in _PARAMETERS]


def clamp(index: int, value: float) -> float:
    """Return `value` held inside the parameter's range; NaN becomes the value at rest."""
    parameter = parameter_at(index)
    if math.isnan(value):
        return parameter.default
    return min(max(value, parameter.low), parameter.high)
