"""File to file: every frame once, in equal blocks, aligned when asked, all or nothing."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from rtvae.errors import AudioFileError, UsageError
from rtvae.io.drivers import Audio, Request
from rtvae.io.file_driver import FileDriver
from tests.support.rig import RATE_HZ, noise


@pytest.fixture
def request_(tmp_path: Path) -> Request:
    soundfile.write(tmp_path / "in.wav", noise(1000), RATE_HZ, "FLOAT")
    return Request(
        RATE_HZ,
        block_size=64,
        input=str(tmp_path / "in.wav"),
        output=str(tmp_path / "out.wav"),
    )


class Delay:
    """A callback that delays by some frames and remembers the sizes of its blocks."""

    def __init__(self, frames: int) -> None:
        self.sizes: set[int] = set()
        self._late = np.zeros(frames, np.float32)

    def __call__(self, heard: Audio, played: Audio, flags: int) -> None:
        self.sizes.add(heard.shape[0])
        joined = np.concatenate([self._late, heard[:, 0]])
        played[:, 0] = joined[: heard.shape[0]]
        self._late = joined[heard.shape[0] :]


@pytest.mark.parametrize("delay", [0, 5, 64, 300])
def test_the_raw_output_is_what_the_callback_played(request_: Request, delay: int) -> None:
    driver, callback = FileDriver(), Delay(delay)
    driver.open(request_)
    driver.run(callback, lambda: False)
    out, _ = soundfile.read(str(request_.output), dtype="float32")
    assert np.array_equal(out, np.concatenate([np.zeros(delay, np.float32), noise(1000)])[:1000])
    assert callback.sizes == {64}


@pytest.mark.parametrize("delay", [0, 5, 64, 300])
def test_advanced_by_the_latency_the_output_lines_up_to_its_end(
    request_: Request, delay: int
) -> None:
    driver = FileDriver()
    driver.open(request_)
    driver.advance(delay)
    driver.run(Delay(delay), lambda: False)
    out, _ = soundfile.read(str(request_.output), dtype="float32")
    assert np.array_equal(out, noise(1000))


def test_a_failing_callback_leaves_nothing(request_: Request, tmp_path: Path) -> None:
    def fail(heard: Audio, played: Audio, flags: int) -> None:
        raise RuntimeError

    driver = FileDriver()
    driver.open(request_)
    with pytest.raises(RuntimeError):
        driver.run(fail, lambda: False)
    assert os.listdir(tmp_path) == ["in.wav"]


def test_closing_before_the_run_leaves_nothing(request_: Request, tmp_path: Path) -> None:
    driver = FileDriver()
    driver.open(request_)
    driver.close()
    driver.close()
    assert os.listdir(tmp_path) == ["in.wav"]


def test_a_stop_keeps_what_was_played(request_: Request) -> None:
    driver, asked = FileDriver(), iter([False, False, True])
    driver.open(request_)
    driver.run(Delay(0), lambda: next(asked))
    out, _ = soundfile.read(str(request_.output), dtype="float32")
    assert np.array_equal(out, noise(1000)[:128])


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"output": None}, UsageError, "name it as the output"),
        ({"input": "missing.wav"}, AudioFileError, "There is no file"),
        ({"loop": True}, UsageError, "without an end"),
        ({"input": None}, UsageError, "without an end"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(
    request_: Request, tmp_path: Path, changes: dict[str, object], kind: type, words: str
) -> None:
    with pytest.raises(kind, match=words):
        FileDriver().open(Request(**{**vars(request_), **changes}))
    assert os.listdir(tmp_path) == ["in.wav"]
