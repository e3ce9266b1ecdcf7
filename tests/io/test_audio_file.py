"""Sound files: any common format at any rate comes in, whole files or none go out."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from rtvae.errors import AudioFileError
from rtvae.io.audio_file import AudioReader, AudioWriter, RateConverter, read_audio, read_mono
from tests.support.rig import RATE_HZ, noise, tone


def test_a_file_at_the_right_rate_comes_in_unchanged(tmp_path: Path) -> None:
    audio = noise(2000).reshape(1000, 2)
    soundfile.write(tmp_path / "a.wav", audio, RATE_HZ, "FLOAT")
    read = read_audio(tmp_path / "a.wav", RATE_HZ)
    assert read.dtype == np.float32
    assert read.flags.c_contiguous
    assert np.array_equal(read, audio)


@pytest.mark.parametrize("name", ["a.flac", "a.ogg", "a.aiff", "a.w64", "a.mp3"])
def test_common_formats_come_in(tmp_path: Path, name: str) -> None:
    soundfile.write(tmp_path / name, tone(RATE_HZ), RATE_HZ)
    read = read_mono(tmp_path / name, RATE_HZ)
    assert np.abs(read[4000:40_000]).max() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("rate_hz", [8000, 22_050, 44_100, 96_000])
def test_another_rate_is_converted_without_delay(tmp_path: Path, rate_hz: int) -> None:
    time_s = np.arange(rate_hz) / rate_hz
    soundfile.write(tmp_path / "a.wav", 0.5 * np.sin(2 * np.pi * 220 * time_s), rate_hz, "FLOAT")
    read = read_mono(tmp_path / "a.wav", RATE_HZ)
    assert read.shape[0] == RATE_HZ
    middle = slice(4000, -4000)
    assert np.allclose(read[middle], tone(RATE_HZ)[middle], atol=1e-3)


def test_mono_is_the_mean_of_the_channels(tmp_path: Path) -> None:
    audio = noise(3000).reshape(1000, 3)
    soundfile.write(tmp_path / "a.wav", audio, RATE_HZ, "FLOAT")
    assert np.allclose(read_mono(tmp_path / "a.wav", RATE_HZ), audio.mean(axis=1))


def _missing(path: Path) -> None:
    pass


def _folder(path: Path) -> None:
    path.mkdir()


def _empty(path: Path) -> None:
    path.touch()


def _text(path: Path) -> None:
    path.write_text("this is no sound")


def _no_frames(path: Path) -> None:
    soundfile.write(path, np.zeros((0, 1)), RATE_HZ)


def _truncated(path: Path) -> None:
    path.write_bytes(b"RIFF\x24\x00\x00\x00WAVEfmt ")


@pytest.mark.parametrize("make", [_missing, _folder, _empty, _text, _no_frames, _truncated])
def test_what_cannot_be_read_is_one_sentence_that_names_it(tmp_path: Path, make: object) -> None:
    path = tmp_path / "a.wav"
    make(path)  # type: ignore[operator]
    with pytest.raises(AudioFileError) as fault:
        read_audio(path, RATE_HZ)
    sentence = str(fault.value)
    assert str(path) in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("name", "tolerance"), [("o.wav", 0.0), ("o.w64", 0.0), ("o.FLAC", 2.0**-23)]
)
def test_what_is_written_is_read_back(tmp_path: Path, name: str, tolerance: float) -> None:
    audio = noise(2000).reshape(1000, 2)
    with AudioWriter(tmp_path / name, RATE_HZ, 2) as writer:
        writer.write(audio[:300])
        writer.write(audio[300:])
    read = read_audio(tmp_path / name, RATE_HZ)
    assert np.abs(read - audio).max() <= tolerance
    assert os.listdir(tmp_path) == [name]


def test_nothing_has_the_name_before_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "o.wav"
    path.write_text("the old content")
    writer = AudioWriter(path, RATE_HZ, 1)
    writer.write(noise(100))
    assert path.read_text() == "the old content"
    writer.finish()
    assert read_audio(path, RATE_HZ).shape == (100, 1)


def test_an_exception_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "o.wav"
    path.write_text("the old content")
    with pytest.raises(RuntimeError), AudioWriter(path, RATE_HZ, 1) as writer:
        writer.write(noise(100))
        raise RuntimeError
    assert path.read_text() == "the old content"
    assert os.listdir(tmp_path) == ["o.wav"]


@pytest.mark.parametrize("name", ["o.wav", "o.w64"])
def test_a_file_written_in_place_can_be_read_before_it_is_complete(
    tmp_path: Path, name: str
) -> None:
    audio = noise(10_000)
    writer = AudioWriter(tmp_path / name, RATE_HZ, 1, in_place=True)
    writer.write(audio)
    assert np.array_equal(read_mono(tmp_path / name, RATE_HZ), audio)
    writer.discard()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("o.mp4", "must end in .wav, .w64, .flac"),
        ("o", "must end in"),
        ("there/o.wav", "There is no folder"),
        ("folder.wav", "is a folder"),
        ("o" * 300 + ".wav", "cannot be written .File name too long"),
    ],
)
def test_what_cannot_be_written_is_one_sentence(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "folder.wav").mkdir()
    with pytest.raises(AudioFileError, match=words):
        AudioWriter(tmp_path / name, RATE_HZ, 1)
    assert os.listdir(tmp_path) == ["folder.wav"]


def test_a_name_in_another_systems_letters_is_one_sentence(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "plain.wav", noise(1000), RATE_HZ)
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/B\xe4r.wav"))
    (tmp_path / "plain.wav").rename(odd)
    for use in (read_mono, lambda path, rate_hz: AudioWriter(path, rate_hz, 1)):
        with pytest.raises(AudioFileError, match=r"B.*r\.wav has a name that is no text; rename"):
            use(odd, RATE_HZ)


def test_a_full_disk_is_one_sentence() -> None:
    class Full:
        closed = False

        def write(self, audio: object) -> None:
            raise OSError(28, "No space left on device")

    writer = AudioWriter.__new__(AudioWriter)
    writer.path, writer._file = Path("o.wav"), Full()
    with pytest.raises(AudioFileError, match="No space left on device"):
        writer.write(noise(10))


@pytest.mark.parametrize("piece", [1000, 4096, 1 << 20])
@pytest.mark.parametrize("rate_hz", [22_050, 44_100, 48_000, 96_000])
def test_in_pieces_it_is_the_same_sound(tmp_path: Path, rate_hz: int, piece: int) -> None:
    soundfile.write(tmp_path / "a.flac", noise(30_000).reshape(15_000, 2), rate_hz)
    with AudioReader(tmp_path / "a.flac") as reader:
        assert (reader.sample_rate_hz, reader.channels, reader.frames) == (rate_hz, 2, 15_000)
        converter = RateConverter(rate_hz, RATE_HZ)
        parts = [converter.convert(part.mean(1)) for part in reader.pieces(piece)]
        sound = np.concatenate([*parts, converter.finish()])
    assert np.allclose(sound, read_mono(tmp_path / "a.flac", RATE_HZ), atol=1e-6)


def test_a_file_that_breaks_off_in_the_middle_says_so(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "whole.flac", noise(200_000), RATE_HZ)
    content = bytearray((tmp_path / "whole.flac").read_bytes())
    content[len(content) // 2 : len(content) // 2 + 5000] = b"\xff" * 5000
    (tmp_path / "torn.flac").write_bytes(content)
    with (
        pytest.raises(AudioFileError, match=r"torn\.flac is not a sound file that can be read"),
        AudioReader(tmp_path / "torn.flac") as reader,
    ):
        list(reader.pieces(4096))
