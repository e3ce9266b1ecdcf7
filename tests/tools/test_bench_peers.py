"""The peer that a script installs: what it asks pip for, and how it plays its blocks."""

from pathlib import Path

import numpy as np
import pytest
import torch

import peers
from rave_peer import RaveLane, StandIns
from rtvae.bench.answers import Refusal


class Export:
    """Takes a hop for 128 frames, as RAVE's export does, and counts its calls."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, ...]] = []

    def encode(self, audio: torch.Tensor) -> torch.Tensor:
        self.heard.append(tuple(audio.shape))
        return audio[:, :, ::128]

    def decode(self, latent: torch.Tensor) -> torch.Tensor:
        return latent.repeat_interleave(128, 2)


def test_nothing_that_rave_pins_is_installed_and_the_versions_are_fixed(tmp_path: Path) -> None:
    commands = [list(command) for _, command in peers.steps(tmp_path, tmp_path / "torch")]
    (rave,) = [command for command in commands if "acids-rave==2.3.1" in command]
    assert "--no-deps" in rave
    assert not any(word.startswith("torch") for command in commands for word in command)
    assert all("==" in package for package in peers.PACKAGES)


def test_a_block_shorter_than_a_hop_waits_for_the_hop() -> None:
    model = Export()
    lane = RaveLane(model, 64)
    model.heard.clear()
    costs = []
    for _ in range(6):
        lane.prepare()
        lane.play()
        costs.append(sum(lane.parts_s()))
    assert model.heard == [(1, 1, 128)] * 3
    assert np.count_nonzero(costs) == 3


def test_longer_blocks_are_played_whole_and_odd_ones_refused() -> None:
    model = Export()
    RaveLane(model, 512).play()
    assert set(model.heard) == {(1, 1, 512)}
    with pytest.raises(Refusal, match="multiples of 128"):
        RaveLane(model, 100)


def test_stand_ins_are_found_for_training_packages_alone() -> None:
    finder = StandIns()
    assert finder.find_spec("rave.model", None) is None
    assert finder.find_spec("torch", None) is None
    spec = finder.find_spec("librosa.filters", None)
    assert spec is not None
    module = finder.create_module(spec)
    assert isinstance(module.MelScale(1, rate=2), torch.nn.Module)
