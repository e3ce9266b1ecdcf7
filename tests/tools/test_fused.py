"""One fused graph plays what two sessions play, knobs included, and is measured beside them."""

from pathlib import Path

import numpy as np
import pytest

import fused
from fused_graph import FusedModel, write_fused_graph
from rtvae.bench.pacing import Record
from rtvae.model.card import read_card
from rtvae.model.ort import OrtModel
from tests.support.toy_model import make_stateless_model, make_toy_model

HOP, LATENTS = 64, 4


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_toy_model(tmp_path_factory.mktemp("models") / "toy", HOP, LATENTS)


@pytest.mark.parametrize("hops", [1, 2, 8])
def test_a_fused_graph_is_encoder_knobs_and_decoder(
    folder: Path, tmp_path: Path, hops: int
) -> None:
    write_fused_graph(folder, hops, tmp_path / "fused.onnx")
    card = read_card(folder)
    one, two = FusedModel(tmp_path / "fused.onnx", card, hops), OrtModel(folder, card)
    random = np.random.default_rng(0)
    one.scale[:] = random.uniform(0.5, 1.5, one.scale.shape)
    one.offset[:] = random.uniform(-0.5, 0.5, one.offset.shape)
    for _ in range(2):
        for _ in range(12):
            heard = random.uniform(-0.5, 0.5, hops * HOP).astype(np.float32)
            made, wanted = np.empty_like(heard), np.empty_like(heard)
            mean = np.empty((hops, LATENTS), np.float32)
            one.play(heard, made)
            two.encode(heard, mean, np.empty_like(mean))
            two.decode(mean * one.scale + one.offset, wanted)
            np.testing.assert_allclose(made, wanted, rtol=0, atol=2e-5 * wanted.std())
        one.reset()
        two.reset()


def test_the_bar_is_ours_over_the_fused_graph_and_the_rest_is_told() -> None:
    def record(cost_s: float) -> Record:
        made = Record.of(10)
        made.encoder_s += cost_s
        return made

    def verdict(ours_s: float) -> str:
        took = {fused.OURS: ours_s, fused.TWO: 3e-4, fused.FUSED: 2e-4}
        return fused.report(64, "native", {name: record(s) for name, s in took.items()})

    assert "pass: ours over the fused graph in onnxruntime 0.50" in verdict(1e-4)
    assert "FAIL: ours over the fused graph in onnxruntime 1.05" in verdict(2.1e-4)
    (line,) = [line for line in verdict(1e-4).splitlines() if fused.TWO in line]
    assert line.split()[-2:] == ["1.50", "1.50"]


def test_blocks_before_a_hop_is_full_only_wait() -> None:
    played: list[int] = []
    lane = fused.KnobLane(
        lambda heard, out: played.append(heard.size), 64, 128, np.zeros(1024, np.float32)
    )
    played.clear()
    worked = []
    for _ in range(6):
        lane.play()
        worked.append(lane.parts_s()[0] > 0.0)
    assert worked == [False, True] * 3
    assert played == [128] * 3


def test_it_measures_a_model_and_prints_every_lane(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fused.main(["--model", str(folder), "--frames", "64,128", "--seconds", "0.05"]) in (0, 1)
    out = capsys.readouterr().out
    assert out.count("one fused graph, onnxruntime") == 2
    assert "64 frames" in out and "128 frames" in out


def test_a_model_without_two_halves_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    window = make_stateless_model(tmp_path / "window")
    assert fused.main(["--model", str(window)]) == 1
    assert capsys.readouterr().err.count("\n") == 1
