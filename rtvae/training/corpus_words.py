"""What was found in a folder of recordings, in words: one line for each kind of trouble. Pure.

line = headline: NAME (detail), NAME (detail) and 12 more; remedy
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rtvae.dsp.sound_check import SoundFacts

SHORTEST_SECONDS = 0.5
SILENT_SWING = 1e-4
QUIET_SWING = 0.01
CLIPPED_SHARE = 1e-4
CLIPPED_SWING = 0.05
CANCELLING_DB = 10.0
FULL_TREBLE_HZ = 18_500.0
NAMES_SHOWN = 4


@dataclass(frozen=True)
class Checked:
    """One file: its name within the folder, what it is like, and why it is left out, if it is."""

    name: str
    facts: SoundFacts | None
    left_out: str = ""


class Trouble(NamedTuple):
    """A kind of trouble: `detail` gives its measure in one file, or None where there is none."""

    headline: str
    detail: Callable[[SoundFacts], str | None]
    remedy: str


def reason_to_leave_out(facts: SoundFacts) -> str:
    """Return why a readable file is of no use, or nothing."""
    if not facts.finite:
        return "holding values that are no numbers"
    if facts.seconds < SHORTEST_SECONDS:
        return f"shorter than {SHORTEST_SECONDS} s"
    if facts.swing < SILENT_SWING:
        return "silent"
    return ""


def cancels(facts: SoundFacts) -> bool:
    """Whether the mean of the channels loses nearly all of the sound."""
    return facts.mono_loss_db >= CANCELLING_DB


def _clipped(facts: SoundFacts) -> str | None:
    bad = facts.clipped_share >= CLIPPED_SHARE and facts.swing >= CLIPPED_SWING
    return f"{_percent(facts.clipped_share)} of its samples" if bad else None


def _quiet(facts: SoundFacts) -> str | None:
    return "" if facts.swing < QUIET_SWING else None


def _dull(facts: SoundFacts) -> str | None:
    top_hz = facts.edge_hz or 0.5 * facts.sample_rate_hz
    return f"at {top_hz / 1000:.1f} kHz" if top_hz < FULL_TREBLE_HZ else None


def _cancelling(facts: SoundFacts) -> str | None:
    return f"by {min(facts.mono_loss_db, 99.0):.0f} dB" if cancels(facts) else None


TROUBLES = (
    Trouble("clipped", _clipped, "the model learns the distortion too: record at a lower level"),
    Trouble("very quiet", _quiet, "the hiss comes up with the sound: record at a higher level"),
    Trouble(
        "ending early in the treble",
        _dull,
        "was it an MP3, a phone or a low sample rate? What is not in there cannot be learned",
    ),
    Trouble(
        "channels that cancel each other",
        _cancelling,
        "one is wired the wrong way round, so the first channel alone is used",
    ),
)


def summary(checked: Sequence[Checked], foreign: Sequence[str], sample_rate_hz: int) -> list[str]:
    """Return the lines that tell of a folder's files; `foreign` cannot be read at all."""
    used = [file for file in checked if not file.left_out and file.facts is not None]
    lines = [_first_line(checked, foreign, used)]
    reasons: dict[str, list[str]] = {}
    for file in checked:
        if file.left_out:
            kind, _, cause = file.left_out.partition(": ")
            reasons.setdefault(kind, []).append(_named(file.name, cause))
    if foreign:
        reasons.setdefault("of a kind that has to be converted to WAV or FLAC first", []).extend(
            foreign
        )
    lines += [f"left out, {kind}: {_listed(names)}" for kind, names in reasons.items()]
    for trouble in TROUBLES:
        found = [
            _named(file.name, detail)
            for file in used
            if file.facts is not None and (detail := trouble.detail(file.facts)) is not None
        ]
        if found:
            lines.append(f"{trouble.headline}: {_listed(found)}; {trouble.remedy}")
    return lines + _rates(used, sample_rate_hz)


def held_out_line(names: Sequence[str], seconds: float) -> str:
    """Return what the model is judged by, in words."""
    return f"held out to judge by, never learned from: {_listed(names)}, {_length(seconds)}"


def _first_line(checked: Sequence[Checked], foreign: Sequence[str], used: Sequence[Checked]) -> str:
    total = len(checked) + len(foreign)
    length = _length(sum(file.facts.seconds for file in used if file.facts is not None))
    if len(used) == total:
        return f"{_count(total)}, {length} of sound"
    return f"{_count(total)}, {len(used)} of them of use: {length} of sound"


def _rates(used: Sequence[Checked], sample_rate_hz: int) -> list[str]:
    rates = Counter(file.facts.sample_rate_hz for file in used if file.facts is not None)
    if len(rates) < 2:
        return []
    mix = ", ".join(f"{_count(n)} at {hz / 1000:g} kHz" for hz, n in sorted(rates.items()))
    return [f"a mix of sample rates: {mix}; all are brought to {sample_rate_hz / 1000:g} kHz"]


def _named(name: str, detail: str) -> str:
    return f"{name} ({detail})" if detail else name


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:NAMES_SHOWN])
    more = len(names) - NAMES_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _count(files: int) -> str:
    return "1 file" if files == 1 else f"{files} files"


def _length(seconds: float) -> str:
    return f"{seconds / 60:.1f} minutes" if seconds >= 90 else f"{seconds:.0f} s"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share >= 1e-3 else f"{100 * share:.2f} %"
