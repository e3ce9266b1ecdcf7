"""Feedback is turned down and comes back when it is calm; loud music is left alone."""

from collections.abc import Iterator

import numpy as np
import pytest

from rtvae.dsp.howl import DUCK
from rtvae.dsp.limiter import CEILING
from rtvae.link.layout import State
from rtvae.model.identity import IdentityModel
from tests.support.rig import RATE_HZ, Audio, Rig, largest_step, noise, tone

BLOCK = 128
DELAY_FRAMES = 960  # 20 ms


class Room:
    """A microphone that hears the loudspeaker again, 20 ms later and `gain` times as loud."""

    def __init__(self, rig: Rig, gain: float, clips_at: float = np.inf) -> None:
        self.rig, self.gain, self.clips_at = rig, gain, clips_at
        self.air = np.zeros(DELAY_FRAMES, np.float32)
        self.states: list[State] = []

    def play(self, seconds: float, seed: Iterator[Audio]) -> Audio:
        """What the loudspeaker plays while `seed` goes on in front of the microphone."""
        sounds = []
        for _ in range(round(seconds * RATE_HZ / BLOCK)):
            heard = next(seed) + self.gain * self.air[:BLOCK]
            np.clip(heard, -self.clips_at, self.clips_at, out=heard)
            played = np.empty((BLOCK, 1), np.float32)
            self.rig.callback(heard[:, None].astype(np.float32), played, 0)
            self.air = np.concatenate([self.air[BLOCK:], played[:, 0]])
            self.states.append(self.rig.telemetry.state)
            sounds.append(played[:, 0])
        return np.concatenate(sounds)


def hiss(level: float = 1e-3) -> Iterator[Audio]:
    """The quiet noise of a room."""
    random = np.random.default_rng(0)
    while True:
        yield random.normal(0.0, level, BLOCK).astype(np.float32)


def steadily(audio: Audio) -> Iterator[Audio]:
    """A sound that goes round and round."""
    at = 0
    while True:
        yield np.take(audio, range(at, at + BLOCK), mode="wrap")
        at += BLOCK


@pytest.fixture
def rig() -> Rig:
    return Rig(IdentityModel(64), BLOCK)


def first(states: list[State], wanted: State) -> float:
    """When a state was first seen, in seconds."""
    return states.index(wanted) * BLOCK / RATE_HZ


@pytest.mark.parametrize(
    ("gain", "clips_at"), [(2.0, np.inf), (1.2, np.inf), (2.0, 1.0), (8.0, 1.0)]
)
def test_a_loop_is_ducked_by_20_db_within_a_second_of_full_scale(
    rig: Rig, gain: float, clips_at: float
) -> None:
    room = Room(rig, gain, clips_at)
    sound = room.play(4.0, hiss())
    assert np.abs(sound).max() <= CEILING
    full_s = int(np.argmax(np.abs(sound) >= 10 ** (-3 / 20))) / RATE_HZ
    ducked_s = first(room.states, State.DUCKED)
    assert 0.5 <= ducked_s - full_s <= 1.2
    assert rig.count("howls") == 1
    after = sound[round((ducked_s + 0.1) * RATE_HZ) : round((ducked_s + 1.5) * RATE_HZ)]
    assert np.abs(after).max() <= CEILING * DUCK * 1.01


def test_a_pure_whistle_is_ducked_too(rig: Rig) -> None:
    """A room that favours one tone: the loop is a resonator around 1 kHz."""
    room = Room(rig, 1.5)
    room.play(3.0, steadily(tone(48_000, 1000.0, 1e-3)))
    assert rig.count("howls") == 1
    assert State.DUCKED in room.states


def test_it_comes_back_when_the_loop_is_open_without_a_click(rig: Rig) -> None:
    room = Room(rig, 2.0)
    sound = room.play(3.0, hiss())
    assert rig.telemetry.state == State.DUCKED
    room.gain = 0.0
    quiet = tone(48_000, 220.0, 0.1)
    back = room.play(6.0, steadily(quiet))
    assert rig.telemetry.state == State.PLAYING
    assert np.abs(back[-RATE_HZ:]).max() == pytest.approx(0.1, rel=1e-3)
    assert largest_step(back[RATE_HZ:]) < 1.5 * largest_step(quiet)
    assert rig.count("howls") == 1
    assert np.isfinite(sound).all()


def test_a_loop_that_nobody_opens_is_tried_again_ever_more_rarely(rig: Rig) -> None:
    room = Room(rig, 2.0)
    sound = room.play(60.0, hiss())
    assert 3 <= rig.count("howls") <= 5
    loud = np.abs(sound).reshape(-1, 4800).max(axis=1) > 10 ** (-6 / 20)
    assert loud.mean() < 0.1
    assert not loud[-150:].any()


def test_panic_silences_a_howl_at_once(rig: Rig) -> None:
    room = Room(rig, 2.0)
    room.play(0.6, hiss())
    rig.set(mute=1.0)
    rig.writer.panic()
    assert not room.play(1.0, hiss())[960:].any()


def drums(seconds: int) -> Audio:
    """Hits on every eighth, far over full scale, over a bass."""
    at = np.arange(seconds * RATE_HZ)
    fall = np.exp(-(at % (RATE_HZ // 4)) / 3000.0)
    return (3.0 * fall * noise(at.shape[0], level=1.0) + tone(at.shape[0], 55.0, 0.8)).astype("f4")


def band(seconds: int) -> Audio:
    """Chords that change twice a second, with a tremolo, drums on top: all too loud."""
    at = np.arange(seconds * RATE_HZ) / RATE_HZ
    roots = np.array([110.0, 146.8, 164.8, 98.0])[(2 * at).astype(int) % 4]
    phase = np.cumsum(roots) / RATE_HZ * 2 * np.pi
    chord = sum(np.sin(k * phase) / k for k in (1, 1.5, 2, 3, 4, 5))
    swell = np.exp(-3.0 * ((2 * at) % 1.0))
    return (1.5 * chord * swell).astype(np.float32) + 0.5 * drums(seconds)


@pytest.mark.parametrize("music", [drums, band])
def test_loud_music_is_limited_and_never_turned_down(rig: Rig, music: object) -> None:
    audio = music(10)  # type: ignore[operator]
    out = rig.play(audio)
    assert rig.count("limited_blocks") > 0.5 * rig.count("blocks")
    assert rig.count("howls") == 0
    peaks = np.abs(out).reshape(-1, RATE_HZ // 2).max(axis=1)
    assert (peaks[1:] > 0.7 * CEILING).all()


def test_a_chord_held_at_full_scale_dips_once_for_a_moment_and_is_no_howl(rig: Rig) -> None:
    audio = (tone(15 * RATE_HZ, 220.0, 0.5) + tone(15 * RATE_HZ, 277.2, 0.4)).astype(np.float32)
    rig.set(output_gain_db=12.0)
    out = rig.play(audio)
    assert rig.count("howls") == 0
    level = np.sqrt((out.reshape(-1, 1200) ** 2).mean(axis=1))
    low = level < 0.7 * np.median(level)
    assert 0.1 <= low[20:].sum() * 0.025 <= 0.3
    assert level[20:].min() > 0.4 * np.median(level)


def test_full_scale_noise_with_nothing_coming_in_is_no_howl(rig: Rig) -> None:
    """A model may sing by itself: what does not hear anything cannot feed back."""
    make = rig.path.voice.process

    def sing(heard: Audio, wet: Audio, dry: Audio, values: Audio, serial: int) -> None:
        make(heard, wet, dry, values, serial)
        wet[:] = tone(wet.shape[0], 3000.0, 2.0)

    rig.path.voice.process = sing  # type: ignore[method-assign]
    out = rig.play_blocks(2000)
    assert rig.count("howls") == 0
    peaks = np.abs(out).reshape(-1, BLOCK).max(axis=1)
    assert peaks[10:].min() > 0.8 * CEILING
