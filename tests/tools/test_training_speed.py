"""The yardstick of training speed: what it compares is of equal size, and taken in turns."""

import json
from itertools import count

import numpy as np
import pytest
import torch

import plain_loop
import training_speed
from interleaved import WARM_UP_STEPS, Lane, examples_per_second, ratio
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


def test_loops_take_turns_and_every_other_round_goes_backwards() -> None:
    order: list[str] = []
    now_s = 0.0

    def lane(name: str, step_s: float) -> Lane:
        def step() -> None:
            nonlocal now_s
            now_s += step_s
            order.append(name)

        return Lane(name, step, examples=8)

    lanes = [lane("slow", 2.0), lane("fast", 0.5)]
    rates = examples_per_second(lanes, 2, 1.0, lambda: now_s, lambda: None)
    assert order[2 * WARM_UP_STEPS :] == ["slow", "fast", "fast", "fast", "fast", "slow"]
    assert rates == {"slow": [4.0, 4.0], "fast": [16.0, 16.0]}
    assert ratio(rates["fast"], rates["slow"]) == (4.0, 4.0, 4.0)


def test_waiting_for_the_device_counts() -> None:
    ticks = count()
    rates = examples_per_second(
        [Lane("only", lambda: None, 1)], 1, 1.0, lambda: float(next(ticks)), lambda: [next(ticks)]
    )
    assert rates == {"only": [pytest.approx(1 / 3)]}


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


def test_figures_of_all_loops_as_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(training_speed, "PRESETS", {"small": SMALL})
    monkeypatch.setattr(training_speed, "usual_batch", lambda device, processes: (1, 2, 8192))
    command = ["--seconds", "0.1", "--device", "cpu", "--workers", "0", "--json"]
    assert training_speed.main([*command, "--preset", "small"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["clips_per_step"] == 2
    assert len(found["loops"]) == 5
    for row in found["loops"]:
        audio_s = row["examples_per_second"] * 8192 / 48000
        assert row["audio_seconds_per_second"] == pytest.approx(audio_s)
        low, middle, high = row["ours_over_it"]
        assert 0 < low <= middle <= high


def test_an_unknown_preset_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert training_speed.main(["--preset", "nothing"]) == 2
    assert "preset nothing is unknown" in capsys.readouterr().err
