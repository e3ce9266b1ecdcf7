"""The tape: nothing is lost while there is room, and the pusher never waits."""

import threading
from pathlib import Path

import numpy as np

from rtvae.io.audio_file import AudioWriter, read_mono
from rtvae.io.drivers import Audio
from rtvae.io.tape import Tape
from tests.support.rig import RATE_HZ, noise


def test_everything_pushed_is_written_in_order(tmp_path: Path) -> None:
    audio = noise(50_000)
    tape = Tape(AudioWriter(tmp_path / "a.wav", RATE_HZ, 1), 1, RATE_HZ, seconds=2.0)
    for start in range(0, 50_000, 300):
        tape.push(audio[start : start + 300, None])
    tape.close()
    assert np.array_equal(read_mono(tmp_path / "a.wav", RATE_HZ), audio)
    assert tape.lost_frames == 0


def test_a_disk_that_stands_still_costs_frames_and_not_time(tmp_path: Path) -> None:
    writer = AudioWriter(tmp_path / "a.wav", RATE_HZ, 1)
    go_on, write = threading.Event(), writer.write

    def stuck(audio: Audio) -> None:
        go_on.wait()
        write(audio)

    writer.write = stuck  # type: ignore[method-assign]
    tape = Tape(writer, 1, RATE_HZ, seconds=0.1)
    audio = noise(48_000)
    for start in range(0, 48_000, 480):
        tape.push(audio[start : start + 480, None])
    go_on.set()
    tape.close()
    kept = read_mono(tmp_path / "a.wav", RATE_HZ)
    assert tape.lost_frames == 48_000 - 4800
    assert np.array_equal(kept, audio[:4800])
