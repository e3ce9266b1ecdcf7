"""The yardstick of training speed: equal sizes, processes of their own, in turns."""

import json

import numpy as np
import pytest
import torch

import plain_loop
import training_lane
import training_speed
from interleaved import rate_of, rates_in_turns, ratio
from plain_loop import PlainLoop, multi_scale_distance
from rave_network import (
    HOP_FRAMES,
    FilterBank,
    RaveNetwork,
    count_parameters,
    multiply_adds_per_second,
    rave_network_with,
)
from tests.support.small_vae import SMALL
from training_lane import BARE, LOOPS, OURS, SAME_NETWORK, Course, Lane

COURSE = Course(OURS, SMALL.as_dict(), (1, 2, 8192), "cpu", 1, 0, False)


def test_loops_take_turns_and_every_other_round_goes_backwards() -> None:
    order: list[str] = []

    def slow(seconds: float) -> float:
        order.append("slow")
        return 4.0 * seconds

    def fast(seconds: float) -> float:
        order.append("fast")
        return 16.0 * seconds

    rates = rates_in_turns({"slow": slow, "fast": fast}, 3, 1.0)
    assert order == ["slow", "fast", "fast", "slow", "slow", "fast"]
    assert rates == {"slow": [4.0] * 3, "fast": [16.0] * 3}
    assert ratio([4.0, 6.0, 9.0], [2.0, 2.0, 3.0]) == (2.0, 3.0, 3.0)


def test_a_turn_is_whole_steps_and_waiting_for_the_device_counts() -> None:
    now_s, steps = 0.0, 0

    def step() -> None:
        nonlocal now_s, steps
        now_s, steps = now_s + 0.4, steps + 1

    def finish() -> None:
        nonlocal now_s
        now_s += 0.8

    assert rate_of(step, 8, 1.0, lambda: now_s, finish) == pytest.approx(3 * 8 / 2.0)
    assert steps == 3
    assert rate_of(step, 8, 1e-9, lambda: now_s, lambda: None) == pytest.approx(8 / 0.4)


@pytest.mark.parametrize("parameters", [150_000, 620_000, 4_000_000])
def test_the_yardstick_has_as_many_parameters_as_asked(parameters: int) -> None:
    found = count_parameters(rave_network_with(parameters, count_parameters))
    assert found == pytest.approx(parameters, rel=0.02)


def test_the_yardstick_costs_as_much_as_asked() -> None:
    network = rave_network_with(1e8, lambda each: multiply_adds_per_second(each, 48000))
    assert multiply_adds_per_second(network, 48000) == pytest.approx(1e8, rel=0.05)


def test_bands_joined_again_are_the_audio() -> None:
    audio = torch.randn(1, 1, 8192, generator=torch.Generator().manual_seed(1))
    bank = FilterBank()
    bands = bank.split(audio)
    assert bands.shape == (1, 16, 512)
    error = (bank.join(bands) - audio)[..., 512:-512]
    assert float(error.std()) < 3e-3


def test_the_yardstick_plays_as_much_as_it_hears() -> None:
    played, mean, std = RaveNetwork(4.0)(torch.zeros(2, 1, 4 * HOP_FRAMES))
    assert played.shape == (2, 1, 4 * HOP_FRAMES)
    assert mean.shape == std.shape == (2, 128, 4)
    assert bool((std > 0).all())


def test_the_plain_loop_learns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_loop, "LEARNING_RATE", 3e-3)
    torch.manual_seed(2)
    tone = 0.3 * np.sin(2 * np.pi * 440 / 48000 * np.arange(48000))
    samples = np.round(32767 * tone).astype(np.int16)
    loop = PlainLoop(RaveNetwork(4.0), samples, 2, 8192, 0, torch.device("cpu"))
    wanted = torch.from_numpy(samples[:8192].astype(np.float32) / 32768.0)[None, None]

    def distance() -> float:
        with torch.no_grad():
            return multi_scale_distance(loop.network(wanted)[0], wanted).item()

    before = distance()
    for _ in range(25):
        loop.step()
    assert distance() < before - 1.0


@pytest.mark.parametrize("loop", LOOPS)
def test_every_loop_trains_in_turns(loop: str) -> None:
    lane = Lane(Course(**{**vars(COURSE), "loop": loop}))
    assert lane.facts["title"] == loop
    assert lane.turn(1e-3) > 0.0


def test_what_a_training_sets_up_in_its_process_stays_out_of_the_plain_loops(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[str] = []
    real = training_lane.make_fabric
    monkeypatch.setattr(
        training_lane, "make_fabric", lambda device: made.append(device) or real(device)
    )
    for loop in LOOPS:
        Lane(Course(**{**vars(COURSE), "loop": loop}))
    assert made == ["cpu"] * len({OURS, BARE})


def test_a_lane_is_a_process_of_its_own_that_answers_each_turn() -> None:
    lane = training_speed.start(COURSE)
    try:
        assert lane.hello["parameters"] > 0
        for _ in range(2):
            assert lane.ask({"do": "turn", "seconds": 1e-3})["examples_per_second"] > 0.0
    finally:
        lane.close()


class Here:
    """Stands for a lane's process; notes when it takes its turns."""

    def __init__(self, course: Course, turns: list[str]) -> None:
        self.hello = {"parameters": 1000, "multiply_adds_per_second": 2e6}
        self.closed = False
        self._course, self._turns = course, turns

    def ask(self, question: dict[str, object]) -> dict[str, float]:
        self._turns.append(self._course.loop)
        rising = self._turns.count(self._course.loop)
        return {"examples_per_second": 30.0 * rising if self._course.loop == OURS else 10.0}

    def close(self) -> None:
        self.closed = True


def test_figures_of_all_loops_are_medians_of_rounds_in_turns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(training_speed, "PRESETS", {"small": SMALL})
    monkeypatch.setattr(training_speed, "usual_batch", lambda device, processes: (1, 2, 8192))
    turns: list[str] = []
    started: list[Here] = []

    def start(course: Course) -> Here:
        started.append(Here(course, turns))
        return started[-1]

    monkeypatch.setattr(training_speed, "start", start)
    command = ["--preset", "small", "--device", "cpu", "--seconds", "0.15"]
    assert training_speed.main([*command, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["clips_per_step"] == 2
    assert found["rounds"] == 3
    assert turns[:5] == [*LOOPS] and turns[5:10] == [*reversed(LOOPS)]
    assert [row["loop"] for row in found["loops"]] == [*LOOPS]
    (plain,) = [row for row in found["loops"] if row["loop"] == SAME_NETWORK]
    assert plain["ours_over_it"] == [3.0, 6.0, 9.0]
    assert plain["audio_seconds_per_second"] == pytest.approx(10.0 * 8192 / 48000)
    assert all(lane.closed for lane in started)
    turns.clear()
    assert training_speed.main(command) == 0
    assert "6.00 (3.00 to 9.00)" in capsys.readouterr().out


def test_an_unknown_preset_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert training_speed.main(["--preset", "nothing"]) == 2
    assert "preset nothing is unknown" in capsys.readouterr().err
