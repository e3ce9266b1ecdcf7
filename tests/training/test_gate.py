"""The export gate lets the bundled model through and stops every classic fault."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import Tensor

from rtvae.errors import ExportRefused
from rtvae.model.ort import OrtModel
from rtvae.spec import GRAPH_SIZES, LatencyCertificate, LatentSpec, ModelCard
from rtvae.training import gate
from rtvae.training.graphs import decoder_graph, encoder_graph
from rtvae.training.layers import CausalConv
from rtvae.training.shape import VaeConfig
from rtvae.training.vae import Encoder, Vae
from rtvae.training.waveform import WaveformDecoder
from tests.support.small_vae import SMALL_INSTRUMENT, SMALL_PERCUSSION, SMALL_VOICE


def _live(model: Vae, folder: Path) -> OrtModel:
    states = []
    for part in (encoder_graph, decoder_graph):
        for hops in GRAPH_SIZES:
            graph, found = part(model, hops)
            onnx.save_model(graph, folder / f"{graph.graph.name}-{hops}.onnx")
        states.append(found)
    config = model.config
    latents = tuple(LatentSpec(f"d{k}", -1.0, 1.0) for k in range(config.latents))
    nothing = LatencyCertificate(0, 0, 0.0, 0.0, 0.0, 0)
    card = ModelCard("m", "m", "", config.sample_rate_hz, config.hop_frames, latents, nothing)
    return OrtModel(
        folder,
        ModelCard(**{**vars(card), "encoder_states": states[0], "decoder_states": states[1]}),
    )


def test_every_step_plan_agrees_with_the_whole_sequence(small: Vae, trained: Vae) -> None:
    for model in (small, trained):
        seen = gate.check_streaming(model)
        assert max(seen.latents, seen.audio) <= gate.TOLERANCE


def test_the_plans_hold_every_graph_size_and_ragged_mixtures() -> None:
    plans = gate.step_plans()
    assert all(sum(sizes) == gate.TEST_HOPS for sizes in plans.values())
    assert {size for sizes in plans.values() for size in sizes} == set(GRAPH_SIZES)
    assert sum(len(set(sizes)) == len(GRAPH_SIZES) for sizes in plans.values()) >= 3


def test_the_runtime_agrees_with_torch(small: Vae, tmp_path: Path) -> None:
    seen = gate.check_runtime(small, _live(small, tmp_path))
    assert max(seen.latents, seen.audio) <= gate.TOLERANCE


@pytest.mark.parametrize("config", [SMALL_PERCUSSION, SMALL_INSTRUMENT, SMALL_VOICE])
def test_instruments_stream_alike_in_torch_and_in_the_runtime(
    config: VaeConfig, tmp_path: Path
) -> None:
    torch.manual_seed(3)
    model = Vae(config).eval()
    streamed, run = gate.check_streaming(model), gate.check_runtime(model, _live(model, tmp_path))
    assert max(streamed.latents, streamed.audio, run.latents, run.audio) <= gate.TOLERANCE


def test_a_graph_with_other_weights_is_refused(small: Vae, tmp_path: Path) -> None:
    live = _live(small, tmp_path)
    with torch.no_grad():
        small.decoder.up.weight[0, 0, 0] += 0.01
    with pytest.raises(ExportRefused, match="onnxruntime"):
        gate.check_runtime(small, live)


@pytest.mark.parametrize("part", ["encoder", "decoder"])
def test_a_layer_that_forgets_its_context_is_refused(
    small: Vae, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = getattr(small, part).hops[0].wide
    honest = CausalConv.stream

    def forgetful(self: CausalConv, ops: object, name: str, x: Tensor, rows: int) -> Tensor:
        if self is layer:
            ops._states.pop(name, None)  # type: ignore[attr-defined]
        return honest(self, ops, name, x, rows)  # type: ignore[arg-type]

    monkeypatch.setattr(CausalConv, "stream", forgetful)
    with pytest.raises(ExportRefused, match="differ from the whole sequence"):
        gate.check_streaming(small)


def test_the_bundled_model_has_none_of_the_three_faults(trained: Vae) -> None:
    gate.check_structure(trained)
    assert gate.newest_sample_effect(trained) > 0.01
    assert gate.first_row_effect(trained) > 0.01


def test_mirrored_bands_are_refused(trained: Vae, monkeypatch: pytest.MonkeyPatch) -> None:
    """An odd decoder delay flips the odd bands of a filter bank; here 16 bands, all odd ones."""
    honest = WaveformDecoder.forward

    def mirrored(self: WaveformDecoder, latent: Tensor, noise: Tensor | None = None) -> Tensor:
        audio = honest(self, latent, noise)
        spectrum = torch.fft.rfft(audio)
        width = spectrum.shape[-1] // 16
        for band in range(1, 16, 2):
            part = slice(band * width, (band + 1) * width)
            spectrum[..., part] = spectrum[..., part].flip(-1)
        low = spectrum[..., : width // 2].clone()
        spectrum[..., : width // 2] = low.flip(-1)
        return torch.fft.irfft(spectrum, n=audio.shape[-1])

    monkeypatch.setattr(WaveformDecoder, "forward", mirrored)
    with pytest.raises(ExportRefused, match="mirrored"):
        gate.check_structure(trained)


def test_latents_blind_to_their_own_hop_are_refused(
    trained: Vae, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Left-aligned strides end one hop early."""
    honest = Encoder.forward

    def blind(self: Encoder, audio: Tensor) -> tuple[Tensor, Tensor]:
        hop = self.config.hop_frames
        return honest(self, torch.nn.functional.pad(audio, (hop, 0))[..., :-hop])

    monkeypatch.setattr(Encoder, "forward", blind)
    with pytest.raises(ExportRefused, match="newest sample"):
        gate.check_structure(trained)


def test_a_hidden_tail_is_refused(trained: Vae, monkeypatch: pytest.MonkeyPatch) -> None:
    """Padding of a transposed convolution delays the output by part of a hop."""
    honest = WaveformDecoder.forward

    def padded(self: WaveformDecoder, latent: Tensor, noise: Tensor | None = None) -> Tensor:
        audio = honest(self, latent, noise)
        rows = self.config.row_frames
        return torch.nn.functional.pad(audio, (rows, 0))[..., :-rows]

    monkeypatch.setattr(WaveformDecoder, "forward", padded)
    with pytest.raises(ExportRefused, match="own latent"):
        gate.check_structure(trained)


def test_relative_difference_sees_one_wrong_sample() -> None:
    wanted = torch.from_numpy(np.random.default_rng(0).standard_normal(10000))
    wrong = wanted.clone()
    wrong[17] += 0.001 * float(wanted.abs().max())
    assert gate.relative_difference(wanted, wanted) == 0.0
    assert gate.relative_difference(wrong, wanted) > 9e-4
