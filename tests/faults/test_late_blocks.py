"""Blocks that come too late: one is counted, a storm goes down the ladder and back up again."""

import numpy as np
import pytest

from rtvae.engine.ladder import STORM_BLOCKS, Ladder, Rung
from rtvae.io.drivers import INPUT_OVERFLOW, OUTPUT_UNDERFLOW
from rtvae.link.layout import State
from rtvae.model.identity import IdentityModel
from rtvae.model.live import LiveModel
from tests.support.rig import RATE_HZ, Audio, Rig, largest_step, tone
from tests.support.slow_model import Effort, SlowSynth, SlowWaveform

BLOCK = 128
PERIOD_S = BLOCK / RATE_HZ
SLOW_S = 1.5 * PERIOD_S
LOST = INPUT_OVERFLOW | OUTPUT_UNDERFLOW
STORM = int(STORM_BLOCKS)


class Stage(Rig):
    """A rig on a ladder whose model is as slow as `effort` says."""

    def __init__(self, model: LiveModel, effort: Effort) -> None:
        super().__init__(model, BLOCK, ladder=Ladder(RATE_HZ), clock=effort.clock)
        self.path.voice.warm_up(BLOCK)
        self.effort = effort
        self.at = 0

    @property
    def rung(self) -> Rung:
        return Rung(self.count("rung"))

    def seconds(self, seconds: float, flags: int = 0) -> tuple[Audio, Audio]:
        """Play a tone on; return what went in and what came out."""
        blocks = max(1, round(seconds / PERIOD_S))
        heard = tone(self.at + blocks * BLOCK)[self.at :]
        played = np.empty((heard.shape[0], 1), np.float32)
        for k in range(0, heard.shape[0], BLOCK):
            self.callback(heard[k : k + BLOCK, None], played[k : k + BLOCK], flags)
        self.at += heard.shape[0]
        return heard, played[:, 0]

    def blocks(self, count: int, flags: int = 0) -> Audio:
        return self.seconds(count * PERIOD_S, flags)[1]


@pytest.fixture
def effort() -> Effort:
    return Effort()


@pytest.fixture
def synth(effort: Effort) -> Stage:
    return Stage(SlowSynth(effort), effort)


@pytest.fixture
def waveform(effort: Effort) -> Stage:
    return Stage(SlowWaveform(effort, delay_frames=37), effort)


def test_one_late_block_is_counted_and_not_punished(synth: Stage, effort: Effort) -> None:
    synth.seconds(1.0)
    effort.encoder_s = 0.05
    synth.blocks(1)
    effort.encoder_s = 0.0
    synth.seconds(1.0)
    assert synth.count("late_blocks") == 1
    assert synth.count("rung_changes") == 0
    assert synth.telemetry.state == State.PLAYING


def test_a_stumble_thrice_a_second_for_ten_minutes_is_no_storm() -> None:
    ladder = Ladder(RATE_HZ)
    third = round(1.0 / 3.0 / PERIOD_S)
    late = [k % third == 0 for k in range(round(600.0 / PERIOD_S))]
    assert all(ladder.advance(BLOCK, ours, False, True) is Rung.FULL for ours in late)


def test_six_stumbles_a_second_are_a_storm_after_a_while() -> None:
    ladder = Ladder(RATE_HZ)
    sixth = round(1.0 / 6.0 / PERIOD_S)
    late = [k % sixth == 0 for k in range(round(6.0 / PERIOD_S))]
    rungs = [ladder.advance(BLOCK, ours, False, True) for ours in late]
    assert 3.0 < rungs.index(Rung.HOLDING) * PERIOD_S < 6.0


def test_a_slow_encoder_holds_the_last_latents_and_the_knobs_still_act(
    synth: Stage, effort: Effort
) -> None:
    _, before = synth.seconds(1.0)
    effort.encoder_s = SLOW_S
    during = synth.blocks(STORM + 1)
    encoded = effort.encoded
    _, held = synth.seconds(1.0)
    assert synth.rung is Rung.HOLDING
    assert synth.telemetry.state == State.HOLDING
    assert effort.encoded == encoded, "the encoder rests"
    last, _ = synth.telemetry.latents(40)
    assert (last == last[0]).all()
    assert np.abs(held).max() > 0.8 * np.abs(before[-4800:]).max()
    synth.set(latent__1__offset=-1.0)  # 12 dB down
    _, turned = synth.seconds(0.5)
    assert np.abs(turned[-4800:]).max() == pytest.approx(0.25 * np.abs(held).max(), rel=0.05)
    usual = largest_step(before)
    assert largest_step(np.concatenate([before[-BLOCK:], during, held])) < 1.1 * usual


def test_it_comes_back_by_itself_after_five_calm_seconds_without_a_click(
    synth: Stage, effort: Effort
) -> None:
    _, before = synth.seconds(1.0)
    effort.encoder_s = SLOW_S
    synth.blocks(STORM)
    effort.encoder_s = 0.0
    _, waiting = synth.seconds(4.9)
    assert synth.rung is Rung.HOLDING
    _, back = synth.seconds(1.0)
    assert synth.rung is Rung.FULL
    assert synth.telemetry.state == State.PLAYING
    assert synth.count("rung_changes") == 2
    assert largest_step(np.concatenate([waiting, back])) < 1.1 * largest_step(before)


def test_latents_that_are_the_waveform_are_not_held(waveform: Stage, effort: Effort) -> None:
    heard, _ = waveform.seconds(1.0)
    effort.encoder_s = SLOW_S
    during = waveform.blocks(STORM + 1)
    assert waveform.rung is Rung.DRY
    decoded = effort.decoded
    _, dry = waveform.seconds(1.0)
    assert waveform.telemetry.state == State.DRY
    assert effort.decoded - decoded < 0.1 * RATE_HZ / BLOCK, "the model rests too"
    assert largest_step(np.concatenate([during, dry])) < 1.5 * largest_step(heard)
    assert np.abs(dry[-4800:]).max() == pytest.approx(0.5, rel=1e-3)


def test_the_latency_and_the_samples_are_the_same_after_the_storm(
    waveform: Stage, effort: Effort
) -> None:
    late = waveform.path.voice.latency_frames
    effort.encoder_s = SLOW_S
    waveform.blocks(3 * STORM)
    assert waveform.rung is Rung.DRY
    heard, played = waveform.seconds(1.0)
    assert np.array_equal(played[24_000:], heard[24_000 - late : -late]), "dry, in its place"
    effort.encoder_s = 0.0
    waveform.seconds(6.0)
    assert waveform.rung is Rung.FULL
    heard, played = waveform.seconds(1.0)
    assert np.array_equal(played[late:], 0.5 * heard[:-late])
    assert waveform.path.voice.latency_frames == late


def test_a_machine_that_cannot_even_pass_the_input_on_is_silent_and_comes_back(
    waveform: Stage, effort: Effort
) -> None:
    """The whole block is late whatever runs: as on a machine that another program hogs."""
    make = waveform.path.process

    def hogged(heard: Audio, played: Audio) -> None:
        make(heard, played)
        effort.clock.advance(2 * PERIOD_S)

    heard, _ = waveform.seconds(1.0)
    waveform.path.process = hogged  # type: ignore[method-assign]
    _, storm = waveform.seconds(1.0)
    assert waveform.rung is Rung.SILENT
    assert waveform.telemetry.state == State.SILENT
    assert not storm[-4800:].any()
    assert largest_step(storm) < 1.5 * largest_step(heard)
    waveform.path.process = make  # type: ignore[method-assign]
    _, back = waveform.seconds(11.0)
    assert waveform.rung is Rung.FULL
    assert largest_step(back) < 1.5 * largest_step(heard)
    assert np.abs(back[-4800:]).max() == pytest.approx(0.25, rel=1e-3)


def test_what_others_lose_while_our_blocks_are_light_is_counted_and_changes_nothing(
    waveform: Stage,
) -> None:
    waveform.seconds(5.0, flags=LOST)
    assert waveform.count("output_underflows") == round(5.0 / PERIOD_S)
    assert waveform.rung is Rung.FULL


def test_what_is_lost_beside_a_heavy_model_lets_the_model_rest_and_is_never_silence(
    waveform: Stage, effort: Effort
) -> None:
    effort.encoder_s = 0.5 * PERIOD_S
    waveform.seconds(1.0, flags=LOST)
    assert waveform.rung is Rung.DRY
    states = set()
    for _ in range(40):
        waveform.seconds(0.2, flags=LOST)
        states.add(waveform.telemetry.state)
    assert State.SILENT not in states
    waveform.seconds(12.0)
    assert waveform.rung is Rung.FULL


def test_blocks_that_others_hold_up_count_a_quarter() -> None:
    ladder = Ladder(RATE_HZ)
    often = round(1.0 / 12.0 / PERIOD_S)
    for k in range(round(60.0 / PERIOD_S)):
        assert ladder.advance(BLOCK, k % often == 0, False, True, heavy=False) is Rung.FULL
    rungs = [ladder.advance(BLOCK, True, False, True, heavy=False) for _ in range(4 * STORM)]
    assert rungs[-1] is Rung.HOLDING
    assert rungs[2 * STORM] is Rung.FULL


def test_the_flag_after_a_late_block_is_the_same_mishap(waveform: Stage, effort: Effort) -> None:
    for _ in range(STORM - 1):
        effort.encoder_s = SLOW_S
        waveform.blocks(1)
        effort.encoder_s = 0.0
        waveform.blocks(1, flags=LOST)
    assert waveform.rung is Rung.FULL


def test_a_model_that_stays_too_slow_does_not_make_the_sound_flap() -> None:
    """Tried again after 5, 10, 20, 40 and then each 60 seconds; held latents only once."""
    ladder = Ladder(RATE_HZ)
    rungs = [ladder.rung]
    for _ in range(round(600.0 / PERIOD_S)):
        rungs.append(ladder.advance(BLOCK, rungs[-1] is Rung.FULL, False, True))
    changes = [k for k in range(1, len(rungs)) if rungs[k] is not rungs[k - 1]]
    assert len(changes) <= 2 * 13 + 1
    assert sum(rungs[k] is Rung.HOLDING for k in changes) == 1
    assert sum(rung is Rung.FULL for rung in rungs) < 15 * STORM


def test_after_half_a_minute_without_a_storm_the_next_one_is_over_soon_again() -> None:
    ladder = Ladder(RATE_HZ)

    def seconds(seconds: float, late: bool = False) -> Rung:
        for _ in range(round(seconds / PERIOD_S)):
            ladder.advance(BLOCK, late, False, True)
        return ladder.rung

    for wait_s in (5.0, 10.0):
        seconds(STORM * PERIOD_S, late=True)
        assert seconds(wait_s - 0.5) is not Rung.FULL
        assert seconds(3.0) is Rung.FULL
    seconds(31.0)
    seconds(STORM * PERIOD_S, late=True)
    assert ladder.rung is Rung.HOLDING
    assert seconds(8.0) is Rung.FULL


def test_another_model_is_heard_at_once(waveform: Stage, effort: Effort) -> None:
    effort.encoder_s = SLOW_S
    waveform.blocks(STORM)
    effort.encoder_s = 0.0
    assert waveform.rung is Rung.DRY
    lighter = waveform.voice(IdentityModel(64))
    lighter.warm_up(BLOCK)
    swap = waveform.path.offer(lighter, overlap=True)
    heard, played = waveform.seconds(1.0)
    assert not waveform.path.swapping
    assert swap.done
    assert waveform.rung is Rung.FULL
    assert waveform.telemetry.state == State.PLAYING
    assert largest_step(played) < 1.6 * largest_step(heard)


def test_storms_write_nothing(
    waveform: Stage, effort: Effort, capfd: pytest.CaptureFixture[str]
) -> None:
    for k in range(4):
        effort.encoder_s = SLOW_S * (k % 2)
        waveform.seconds(6.0)
    assert waveform.count("late_blocks") > STORM
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("frames", [16, 128, 1024, 8192])
def test_ten_late_blocks_in_a_row_are_a_storm_at_any_block_size(frames: int) -> None:
    ladder = Ladder(RATE_HZ)
    rungs = [ladder.advance(frames, True, False, True) for _ in range(20)]
    assert rungs.index(Rung.HOLDING) == STORM - 1
    assert rungs.index(Rung.DRY) == STORM + 4
    assert rungs.index(Rung.SILENT) == STORM + 9
