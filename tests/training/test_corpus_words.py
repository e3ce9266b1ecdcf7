"""What is said about a folder: short where there is much to say, silent where there is nothing."""

import dataclasses

import pytest

from rtvae.dsp.sound_check import SoundFacts
from rtvae.training.corpus_words import Checked, summary

GOOD = SoundFacts(
    frames=48_000 * 60,
    sample_rate_hz=48_000,
    channels=2,
    peak=0.5,
    swing=0.5,
    clipped_share=0.0,
    edge_hz=0.0,
    mono_loss_db=2.0,
    digest="",
)


def lines(**changes: float) -> list[str]:
    facts = dataclasses.replace(GOOD, **changes)  # type: ignore[arg-type]
    return summary([Checked("a.wav", facts)], [], 48_000)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"clipped_share": 0.00005},
        {"clipped_share": 0.5, "swing": 0.02},
        {"swing": 0.02},
        {"edge_hz": 19_000.0},
        {"sample_rate_hz": 44_100},
        {"mono_loss_db": 6.0},
    ],
)
def test_a_good_recording_gives_one_line(changes: dict[str, float]) -> None:
    assert len(lines(**changes)) == 1


@pytest.mark.parametrize(
    ("changes", "start", "contained"),
    [
        ({"clipped_share": 0.002}, "clipped: a.wav (0.2 % of its samples)", "lower level"),
        ({"clipped_share": 0.0002}, "clipped: a.wav (0.02 % of its samples)", "lower level"),
        ({"swing": 0.005}, "very quiet: a.wav;", "higher level"),
        ({"edge_hz": 8000.0}, "ending early in the treble: a.wav (at 8.0 kHz)", "MP3"),
        ({"sample_rate_hz": 22_050}, "ending early in the treble: a.wav (at 11.0 kHz)", "rate"),
        ({"mono_loss_db": 30.0}, "channels that cancel each other: a.wav (by 30 dB)", "first"),
    ],
)
def test_a_trouble_gives_one_line_more(
    changes: dict[str, float], start: str, contained: str
) -> None:
    _, line = lines(**changes)
    assert line.startswith(start)
    assert contained in line


def test_many_files_with_one_trouble_still_give_one_line() -> None:
    quiet = dataclasses.replace(GOOD, swing=0.005)
    first, line = summary([Checked(f"{k}.wav", quiet) for k in range(30)], [], 48_000)
    assert first == "30 files, 30.0 minutes of sound"
    assert line.startswith("very quiet: 0.wav, 1.wav, 2.wav, 3.wav and 26 more; ")
