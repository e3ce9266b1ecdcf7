"""Solo lines, songs, kits and recordings of the corpus: what a listener would notice in them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from corpus import human, kits, psola, recordings, singing, solo, solo_line
from corpus.part import SAMPLE_RATE_HZ, Part

RATE_HZ = 16_000
Signal = npt.NDArray[np.float64]


def vowel(hertz: Signal) -> Signal:
    """Harmonics of a pitch curve (one value a sample at RATE_HZ), stronger around 700 Hz."""
    phase = 2 * np.pi * np.cumsum(hertz) / RATE_HZ
    out = np.zeros(hertz.size)
    for number in range(1, 30):
        gain = (1 + 2 * np.exp(-(((number * 150 - 700) / 200) ** 2))) / number
        out += gain * np.sin(number * phase)
    return 0.1 * out


def cents(found_hz: Signal, wanted_hz: Signal) -> Signal:
    return np.asarray(np.abs(1200 * np.log2(found_hz / wanted_hz)))


@pytest.fixture(scope="module")
def spoken() -> tuple[Signal, Signal]:
    """Half a second of silence, then two and a half of a vowel that moves like speech."""
    time = np.arange(3 * RATE_HZ) / RATE_HZ
    hertz = 150 * 2 ** (0.3 * np.sin(2 * np.pi * 0.7 * time))
    signal = vowel(hertz)
    signal[: RATE_HZ // 2] = 0
    return signal, hertz


def test_pitch_of_speech_is_found_and_silence_is_not_voiced(
    spoken: tuple[Signal, Signal],
) -> None:
    signal, hertz = spoken
    pitch = psola.track(signal, RATE_HZ)
    time_s = (np.arange(pitch.is_voiced.size) + 0.5) * psola.HOP_S
    assert not pitch.is_voiced[time_s < 0.45].any()
    assert pitch.is_voiced[(time_s > 0.55) & (time_s < 2.9)].all()
    wanted = hertz[(time_s * RATE_HZ).astype(int)]
    voiced = pitch.is_voiced
    found_hz = RATE_HZ / pitch.period_frames[voiced]
    assert np.percentile(cents(found_hz, wanted[voiced]), 95) < 30


def test_a_song_follows_its_melody_and_holds_its_vowels(spoken: tuple[Signal, Signal]) -> None:
    signal, _ = spoken
    pitch = psola.track(signal, RATE_HZ)
    times_s, hertz = singing.melody(np.random.default_rng(3), pitch, 200.0)
    song = psola.resynthesise(signal, RATE_HZ, pitch, times_s, hertz)
    assert song.size > 1.15 * signal.size
    heard = psola.track(song, RATE_HZ)
    size = min(hertz.size, heard.is_voiced.size)
    voiced = heard.is_voiced[:size]
    found_hz = RATE_HZ / heard.period_frames[:size][voiced]
    assert np.median(cents(found_hz, hertz[:size][voiced])) < 25
    assert np.ptp(np.log2(hertz)) > 3 / 12


def test_nothing_voiced_gives_no_song() -> None:
    silence = np.zeros(RATE_HZ)
    assert singing.sing(np.random.default_rng(1), silence, RATE_HZ).size == 0


def test_notes_of_a_solo_line_never_overlap_and_stay_in_range() -> None:
    for seed in range(40):
        notes = solo_line.line(np.random.default_rng(seed), 55, 96, 10.0)
        assert notes
        assert all(55 <= note.key <= 96 for note in notes)
        ends = [note.start_s + note.length_s for note in notes]
        starts = [note.start_s for note in notes]
        assert all(end <= start + 1e-6 for end, start in zip(ends, starts[1:], strict=False))


def test_a_bow_reaches_its_notes_by_bending_no_further_than_it_can() -> None:
    for seed in range(40):
        generator = np.random.default_rng(seed)
        for bow in solo_line.bows(solo_line.line(generator, 40, 90, 10.0)):
            curve = solo_line.pitch_curve(generator, bow, 0.3, 0.0)
            assert np.abs(curve).max() < solo_line.BEND_SEMITONES
            reached = curve[int((bow[-1].start_s - bow[0].start_s + 0.05) * solo_line.CURVE_HZ) :]
            away = np.abs(reached - (bow[-1].key - bow[0].key)).min()
            assert away < 0.5 or bow[-1].slide_s > 0.1


def test_a_solo_has_the_pitches_of_its_line_one_at_a_time() -> None:
    part = Part("fluid-0-42", 6.0, (2, 4))
    (sound,) = solo.render([part])
    assert sound.size == part.frames
    assert np.isfinite(sound).all()
    heard = psola.track(sound, SAMPLE_RATE_HZ)
    hertz = SAMPLE_RATE_HZ / heard.period_frames[heard.is_voiced]
    player = solo.instrument(part.source)
    low_hz, high_hz = (440 * 2 ** ((key - 69) / 12) for key in (player.low_key, player.high_key))
    inside = (hertz > 0.94 * low_hz) & (hertz < 1.06 * high_hz)
    assert heard.is_voiced.mean() > 0.5  # chords and noise have no one period
    assert inside.mean() > 0.95


def write_kit(folder: Path) -> None:
    """A kit whose snare has a soft and a loud recording, told apart by their pitch."""
    folder.mkdir()
    time = np.arange(4410) / 44_100
    for name, hertz in (("soft", 500.0), ("loud", 2000.0)):
        soundfile.write(folder / f"{name}.flac", 0.5 * np.sin(2 * np.pi * hertz * time), 44_100)
    layer = "<layer><filename>{}.flac</filename><min>{}</min><max>{}</max></layer>"
    layers = layer.format("soft", 0, 0.5) + layer.format("loud", 0.5, 1)
    missing = "<layer><filename>gone.flac</filename><min>0</min><max>1</max></layer>"
    (folder / "drumkit.xml").write_text(
        f"<drumkit_info><instrumentList><instrument><name>Snare Rock</name>{layers}</instrument>"
        f"<instrument><name>Kick</name>{missing}</instrument></instrumentList></drumkit_info>"
    )


@pytest.mark.parametrize(("loudness", "hertz"), [(0.3, 500.0), (0.9, 2000.0)])
def test_a_kit_answers_loud_hits_with_its_loud_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loudness: float, hertz: float
) -> None:
    write_kit(tmp_path / "kit")
    monkeypatch.setattr(kits, "HYDROGEN_KITS", tmp_path)
    monkeypatch.setattr(kits.percussion, "hits", lambda *_: [(0.5, 38, loudness)])
    kits._kit.cache_clear()
    (sound,) = kits.render([Part("kit", 1.0, (1,))])
    assert sound.size == SAMPLE_RATE_HZ
    assert np.abs(sound[: SAMPLE_RATE_HZ // 2 - 1]).max() == 0
    spectrum = np.abs(np.fft.rfft(sound))
    assert spectrum.argmax() == pytest.approx(hertz, rel=0.1)
    kits._kit.cache_clear()


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Pearl Kick", 36), ("BassDrum", 36), ("Pearl Side Stick", 37), ("Snare Jazz", 38),
        ("Closed HH", 42), ("Sabian Hat Open", 46), ("Tom Low", 41), ("Ride Bell", 53),
        ("Paiste Ride", 51), ("Hand Clap", 39), ("bd_haus", 36), ("drum_tom_hi", 48),
        ("Splash (Paiste Rude 10)", 55), ("Cowbell", 56), ("Sample: beats_01-39", None),
    ],
)  # fmt: skip
def test_a_drum_is_known_by_its_name(name: str, key: int | None) -> None:
    assert (key in kits.keys_of(name)) if key else (kits.keys_of(name) == ())


def speak(path: Path, rate_hz: int, level: float) -> None:
    """A second of silence, half a second of a tone, a second of silence."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tone = level * np.sin(2 * np.pi * 300 * np.arange(rate_hz // 2) / rate_hz)
    soundfile.write(path, np.concatenate((np.zeros(rate_hz), tone, np.zeros(rate_hz))), rate_hz)


def test_a_recording_is_cut_free_of_its_silence(tmp_path: Path) -> None:
    speak(tmp_path / "word.wav", 44_100, 0.5)
    assert 0.5 < recordings.read(tmp_path / "word.wav").size / SAMPLE_RATE_HZ < 0.9


@pytest.mark.parametrize(("rate_hz", "level"), [(8_000, 0.5), (44_100, 0.001)])
def test_telephone_and_empty_recordings_are_passed_over(
    tmp_path: Path, rate_hz: int, level: float
) -> None:
    speak(tmp_path / "word.wav", rate_hz, level)
    assert recordings.read(tmp_path / "word.wav").size == 0


def test_a_new_speaker_is_in_no_other_recipe_and_shares_no_recording_between_splits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recordings, "KLETTRES", tmp_path)
    for number in range(12):
        speak(tmp_path / "ml" / "alpha" / f"{number:02d}.ogg", 16_000, 0.5)
    recordings.files.cache_clear()
    sources = [source for split in recordings.NEW_EVERY for source in recordings.new_speaker(split)]
    found = [path for source in sources for path in recordings.files(source)]
    recordings.files.cache_clear()
    assert len(found) == len(set(found)) == 12
    heard = {name for split in recordings.SPEAKERS.values() for name in split}
    assert recordings.NEW_SPEAKER not in heard


def test_a_voice_is_asked_for_by_name_and_its_words_fill_the_clip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak(tmp_path / "said.wav", 16_000, 0.5)
    tool = tmp_path / "flite"
    tool.write_text(
        '#!/bin/sh\n[ "$2" = slt ] || exit 1\nfor last; do :; done\ncp "$SAID" "$last"\n'
    )
    tool.chmod(0o755)
    monkeypatch.setenv("SAID", str(tmp_path / "said.wav"))
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    (sound,) = human.render([Part("slt", 6.0, (1,))])
    assert sound.size == 6 * SAMPLE_RATE_HZ
    assert np.sqrt(np.mean(sound**2)) > 0.05
