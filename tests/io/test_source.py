"""Sound from memory: once or looped, in blocks of any size."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from rtvae.errors import DeviceError, UsageError
from rtvae.io.drivers import Request
from rtvae.io.source import Source, open_source, require_end
from tests.support.rig import RATE_HZ, noise


def _take(source: Source, frames: int, size: int) -> np.ndarray:
    block = np.full((size, source.channels), np.nan, np.float32)
    taken = []
    for _ in range(0, frames, size):
        source.fill(block)
        taken.append(block.copy())
    return np.concatenate(taken)[:frames, 0]


@pytest.mark.parametrize("size", [1, 7, 64, 1000, 4000])
def test_once_and_then_silence(size: int) -> None:
    audio = noise(1000)
    taken = _take(Source(audio[:, None], loop=False, length_frames=1000), 3000, size)
    assert np.array_equal(taken[:1000], audio)
    assert not taken[1000:].any()


@pytest.mark.parametrize("size", [1, 7, 64, 1000, 4000])
def test_looped_without_a_gap(size: int) -> None:
    audio = noise(1000)
    taken = _take(Source(audio[:, None], loop=True, length_frames=None), 3000, size)
    assert np.array_equal(taken, np.tile(audio, 3))


def _stereo(folder: Path) -> str:
    path = folder / "a.wav"
    soundfile.write(path, noise(2000).reshape(1000, 2), RATE_HZ, "FLOAT")
    return str(path)


def test_all_channels_of_a_file_are_heard_unless_some_are_named(tmp_path: Path) -> None:
    name = _stereo(tmp_path)
    assert open_source(Request(RATE_HZ, input=name))[1] == (0, 1)
    assert open_source(Request(RATE_HZ, input=name, input_channels=(2,)))[1] == (1,)
    with pytest.raises(DeviceError, match="has 2 input channels, and input channel 3"):
        open_source(Request(RATE_HZ, input=name, input_channels=(3,)))


@pytest.mark.parametrize(
    ("loop", "duration_s", "length"),
    [
        (False, None, 1000),
        (False, 0.01, 480),
        (False, 9.0, 1000),
        (True, None, None),
        (True, 9.0, 9 * RATE_HZ),
    ],
)
def test_how_long_it_lasts(
    tmp_path: Path, loop: bool, duration_s: float | None, length: int | None
) -> None:
    request = Request(RATE_HZ, input=_stereo(tmp_path), loop=loop, duration_s=duration_s)
    assert open_source(request)[0].length_frames == length


def test_without_an_input_there_is_silence() -> None:
    source, channels, name = open_source(Request(RATE_HZ))
    assert (channels, name, source.length_frames) == ((0,), "silence", None)
    assert not _take(source, 1000, 64).any()
    with pytest.raises(UsageError, match="give a duration"):
        require_end(source)
