"""A folder of recordings made ready: found, checked, told about, and safe from any interruption."""

import resource
import shutil
import signal
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from rtvae.errors import CorpusError
from rtvae.io.audio_file import AudioReader
from rtvae.training import preparation
from rtvae.training.data import Recordings, held_out_words, prepare, prepared, split

RATE_HZ = 48_000


def sound(seconds: float, seed: int = 0, rate_hz: int = RATE_HZ) -> NDArray[np.float64]:
    """Noise that swells, different for each seed."""
    time = np.arange(round(seconds * rate_hz)) / rate_hz
    noise = np.random.default_rng(seed).uniform(-0.3, 0.3, time.shape[0])
    return noise * (0.5 + 0.5 * np.sin(5 * time))


def write(folder: Path, name: str, audio: NDArray[np.float64], rate_hz: int = RATE_HZ) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, audio, rate_hz, "PCM_16")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve takes of 2.5 s in two folders."""
    for k in range(12):
        write(tmp_path / "takes", f"{'ab'[k % 2]}/take{k:02}.wav", sound(2.5, k))
    return tmp_path / "takes"


def ready(folder: Path, cache: Path) -> tuple[Recordings, list[str]]:
    """Prepare and return what was said, too."""
    said: list[str] = []
    return prepare(folder, cache, RATE_HZ, said.append), said


def test_all_of_it_is_kept_in_order_with_the_held_out_files_at_the_end(
    folder: Path, tmp_path: Path
) -> None:
    found, said = ready(folder, tmp_path / "cache")
    assert said == ["12 files, 30 s of sound"]
    assert found.files == 12
    assert found.minutes == 0.5
    assert sorted(found.names) == sorted(str(p.relative_to(folder)) for p in folder.rglob("*.wav"))
    for name, start in zip(found.names, found.starts, strict=True):
        wanted = soundfile.read(folder / name, dtype="int16")[0].astype(int)
        got = found.samples[start : start + wanted.shape[0]].astype(int)
        assert np.abs(got - wanted).max() <= 1, name


def test_whole_files_are_held_out_and_named(folder: Path, tmp_path: Path) -> None:
    found, _ = ready(folder, tmp_path / "cache")
    learn, judge = split(found)
    assert set(learn.names).isdisjoint(judge.names)
    assert set(learn.names) | set(judge.names) == set(found.names)
    assert judge.starts[0] == learn.starts[0] == 0
    assert judge.samples.shape[0] == judge.files * round(2.5 * RATE_HZ)
    assert np.array_equal(np.concatenate([learn.samples, judge.samples]), found.samples)
    words = held_out_words(judge, learn)
    assert all(name in words for name in judge.names)
    assert "the end of" not in words


def test_a_single_recording_gives_its_end(tmp_path: Path) -> None:
    write(tmp_path / "one", "long.wav", sound(100.0))
    found, _ = ready(tmp_path / "one", tmp_path / "cache")
    learn, judge = split(found)
    assert judge.samples.shape[0] == 5 * RATE_HZ
    assert learn.samples.shape[0] == 95 * RATE_HZ
    assert "the end of long.wav, 5 s" in held_out_words(judge, learn)


def test_the_second_call_only_maps(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, told = ready(folder, tmp_path / "cache")
    monkeypatch.setattr(preparation, "AudioReader", None)
    second, told_again = ready(folder, tmp_path / "cache")
    assert told_again == told
    assert np.array_equal(first.samples, second.samples)
    assert second.starts == first.starts


def test_changed_files_are_prepared_anew_and_the_old_result_goes(
    folder: Path, tmp_path: Path
) -> None:
    ready(folder, tmp_path / "cache")
    write(folder, "one-more.wav", sound(2.5, 99))
    other = write(tmp_path / "other", "x.wav", sound(30.0, 7)).parent
    ready(other, tmp_path / "cache")
    found, _ = ready(folder, tmp_path / "cache")
    assert found.files == 13
    assert len(list((tmp_path / "cache").glob("*.int16"))) == 2
    assert len(list((tmp_path / "cache").iterdir())) == 4


class StopsAt:
    """Opens files until the `limit`-th, which is interrupted while it is read."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.opened: list[str] = []

    def __call__(self, path: Path) -> AudioReader:
        self.opened.append(path.name)
        if len(self.opened) >= self.limit:
            raise KeyboardInterrupt
        return AudioReader(path)


@pytest.mark.parametrize("limit", [1, 5, 12, 13, 20, 24])
def test_after_a_kill_it_goes_on_with_the_file_it_was_at(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    wanted, _ = ready(folder, tmp_path / "undisturbed")
    cache = tmp_path / "cache"
    first = StopsAt(limit)
    monkeypatch.setattr(preparation, "AudioReader", first)
    with pytest.raises(KeyboardInterrupt):
        ready(folder, cache)
    assert not list(cache.glob("*.json"))
    # What a kill in the middle of a write leaves behind.
    for draft in cache.glob("*.part"):
        with open(draft, "ab") as file:
            file.write(b'{"half a line')
    second = StopsAt(1000)
    monkeypatch.setattr(preparation, "AudioReader", second)
    found, said = ready(folder, cache)
    assert len(second.opened) == 24 - (limit - 1)
    assert np.array_equal(found.samples, wanted.samples)
    assert found.starts == wanted.starts
    assert found.names == wanted.names
    assert said[-1].startswith("12 files")
    assert sorted(p.suffix for p in cache.iterdir()) == [".int16", ".json"]


@pytest.fixture
def full_disk() -> Iterator[None]:
    """No file may grow beyond a megabyte."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, before)


@pytest.mark.usefixtures("full_disk")
def test_a_disk_that_fills_up_is_one_sentence_and_leaves_nothing(
    folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(CorpusError, match=r"cannot be written to .*; free some space"):
        ready(folder, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_too_little_space_is_noticed_before_anything_is_written(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=10_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(CorpusError, match=r"takes 1[89] MB in .*cache, where 10 MB are free"):
        ready(folder, tmp_path / "cache")


def test_a_long_recording_passes_through_little_memory(tmp_path: Path) -> None:
    minute = np.tile(sound(6.0)[:, None].astype(np.float32), (10, 2))
    (tmp_path / "long").mkdir()
    with soundfile.SoundFile(tmp_path / "long" / "set.wav", "w", 44_100, 2, "PCM_16") as file:
        for _ in range(4):
            file.write(minute)
    tracemalloc.start()
    found, _ = ready(tmp_path / "long", tmp_path / "cache")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.minutes == pytest.approx(4 * 48 / 44.1, rel=0.01)
    assert peak < 40_000_000, "the whole file is 85 MB"


def test_every_kind_of_trouble_is_told_with_the_files_name(folder: Path, tmp_path: Path) -> None:
    voice = sound(4.0, 50)
    (folder / "broken.wav").write_bytes(b"RIFFxxxx")
    (folder / "nothing.flac").touch()
    (folder / "memo.m4a").write_bytes(b"abc")
    (folder / "._take00.wav").write_bytes(b"another system's note")
    write(folder, "silent.wav", np.zeros(RATE_HZ))
    write(folder, "blip.wav", voice[:1000])
    write(folder, "loud.wav", np.clip(8 * voice, -1, 1))
    write(folder, "far.wav", 0.01 * voice)
    write(folder, "phone.wav", sound(4.0, 51, 16_000), 16_000)
    write(folder, "wired.wav", np.stack([voice, -0.99 * voice], 1))
    soundfile.write(folder / "again.flac", soundfile.read(folder / "loud.wav")[0], RATE_HZ)
    found, said = ready(folder, tmp_path / "cache")
    words = {line.partition(":")[0]: line for line in said}
    assert said[0] == "22 files, 16 of them of use: 46 s of sound"
    assert words["left out, cannot be read"].endswith(
        ": broken.wav (Format not recognised), nothing.flac (empty)"
    )
    assert "memo.m4a" in words["left out, of a kind that has to be converted to WAV or FLAC first"]
    assert words["left out, silent"].endswith(": silent.wav")
    assert words["left out, shorter than 0.5 s"].endswith(": blip.wav")
    assert words["left out, the same sound as another"].endswith(": loud.wav (again.flac)")
    assert "again.flac (" in words["clipped"]
    assert "far.wav" in words["very quiet"]
    assert "phone.wav (at 8.0 kHz)" in words["ending early in the treble"]
    assert "wired.wav (by 4" in words["channels that cancel each other"]
    assert "1 file at 16 kHz, 15 files at 48 kHz" in words["a mix of sample rates"]
    assert found.files == 16
    assert len(found.left_out) == 5


def test_channels_that_cancel_each_other_are_not_added(tmp_path: Path) -> None:
    voice = sound(3.0)
    write(tmp_path / "in", "wired.wav", np.stack([voice, -0.99 * voice], 1))
    found, _ = ready(tmp_path / "in", tmp_path / "cache")
    assert np.abs(found.samples / 32767 - voice[: found.samples.shape[0]]).max() < 1e-3


def test_what_is_over_full_scale_is_brought_down_and_not_cut_off(tmp_path: Path) -> None:
    voice = 6 * sound(3.0)
    (tmp_path / "in").mkdir()
    soundfile.write(tmp_path / "in" / "hot.wav", voice, RATE_HZ, "FLOAT")
    found, said = ready(tmp_path / "in", tmp_path / "cache")
    level = 0.999 / np.abs(voice).max()
    assert np.abs(found.samples / 32767 - level * voice).max() < 1e-3
    assert not [line for line in said if line.startswith("clipped")]


def test_a_file_that_vanishes_meanwhile_is_left_out(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Path] = []

    def open_once(path: Path) -> AudioReader:
        seen.append(path)
        if seen.count(path) == 2 and path.name == "take03.wav":
            path.unlink()
        return AudioReader(path)

    monkeypatch.setattr(preparation, "AudioReader", open_once)
    found, said = ready(folder, tmp_path / "cache")
    assert found.files == 11
    assert "b/take03.wav" not in found.names
    assert "left out, cannot be read: b/take03.wav (There is no file" in said[1]


@pytest.mark.parametrize(
    ("fill", "words"),
    [
        (lambda p: None, "There is no folder"),
        (lambda p: p.write_bytes(b"x"), "is a file; name the folder that holds it"),
        (lambda p: p.mkdir(), "holds no recordings"),
        (lambda p: write(p, "notes.wav", np.zeros(RATE_HZ)), "can be used .notes.wav: silent"),
        (
            lambda p: (p.mkdir(), (p / "memo.m4a").write_bytes(b"x")),
            "only files that cannot be read, such as memo.m4a; convert them",
        ),
    ],
)
def test_a_folder_of_no_use_is_refused(tmp_path: Path, fill: object, words: str) -> None:
    fill(tmp_path / "in")  # type: ignore[operator]
    for _ in range(2):
        with pytest.raises(CorpusError, match=words):
            ready(tmp_path / "in", tmp_path / "cache")


def test_what_an_earlier_version_prepared_can_still_be_mapped(tmp_path: Path) -> None:
    np.arange(1000, dtype=np.int16).tofile(tmp_path / "k.int16")
    (tmp_path / "k.json").write_text('{"frames": 1000, "files": 2, "left_out": []}')
    found = prepared(tmp_path / "k.json", RATE_HZ)
    learn, judge = split(found)
    assert found.files == 2
    assert learn.samples.shape == (950,)
    assert judge.samples.shape == (50,)
