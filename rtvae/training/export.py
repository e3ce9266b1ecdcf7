"""Export: a trained checkpoint becomes a model folder, or nothing at all.

Rotate the latents, write the graphs, pass the gate, measure the latency, write the card; all in a
folder beside the destination that takes its place only when everything has passed.
"""

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor

from rtvae.errors import ExportRefused, UsageError
from rtvae.evaluation.card_facts import facts_of_test
from rtvae.evaluation.pitch import find_tracker
from rtvae.model.card import CARD_FILE, GOLDEN_FILE, format_card
from rtvae.model.files import sha256_of
from rtvae.model.offline import play
from rtvae.model.ort import OrtModel
from rtvae.spec import ATTRIBUTES, GRAPH_SIZES, LatencyCertificate, LatentSpec, ModelCard
from rtvae.training import gate
from rtvae.training.certificate import measure
from rtvae.training.checkpoint import Checkpoint, find_checkpoint, load_checkpoint, save_checkpoint
from rtvae.training.data import Recordings
from rtvae.training.graphs import (
    decoder_graph,
    encoder_graph,
    multiply_adds_per_second,
    receptive_field_frames,
)
from rtvae.training.pca import latent_means, rotate
from rtvae.training.survey import MINUTES, add_space, survey
from rtvae.training.vae import Vae

ACTIVE_NATS = 0.1
STATISTICS_CLIPS = 120
GOLDEN_HOPS = 16
RANGE_PERCENT = (0.5, 99.5)
UNKNOWN_LATENCY = LatencyCertificate(0, 0, 0.0, 0.0, 0.0, 0)


@dataclass(frozen=True)
class Label:
    """What the sound designer says about a model."""

    name: str
    title: str
    licence: str
    description: str


def export_model(
    source: Path,
    destination: Path,
    label: Label,
    recordings: Recordings,
    say: Callable[[str], None],
    *,
    test: Path | None = None,
    replace_existing: bool = False,
    survey_minutes: float = MINUTES,
) -> ModelCard:
    """Export a run's or model's checkpoint as the model folder `destination`.

    `recordings` decide the rotation and the ranges, and up to `survey_minutes` of them make the
    map and the prior; the distance of output to input over the folder `test` is written into the
    card. Raises ModelError for a foreign checkpoint, ExportRefused if the gate refuses,
    UsageError if the destination is taken; then nothing is written.
    """
    if destination.exists() and not replace_existing:
        raise UsageError(f"{destination} exists already; choose another name or add --replace.")
    checkpoint = load_checkpoint(_source_file(source))
    learned = checkpoint.model().eval()
    if not all(bool(torch.isfinite(v).all()) for v in checkpoint.weights.values()):
        raise ExportRefused(f"The checkpoint {source} holds weights that are not numbers; retrain.")
    say("measuring the latents over the recordings")
    clips = _clips(recordings)
    model = rotate(learned, latent_means(learned, clips))
    say("gate: torch streamed against the whole sequence")
    streamed = gate.check_streaming(model)
    gate.check_structure(model)
    destination.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{destination.name}-", dir=destination.parent))
    try:
        card = _write_graphs(model, draft, label, clips)
        live = OrtModel(draft, card)
        say("gate: onnxruntime against torch")
        run = gate.check_runtime(model, live)
        sound = gate.test_sound(card.sample_rate_hz, card.hop_frames)
        say("measuring the latency")
        keeps = model.config.keeps_waveform
        latency = measure(live, receptive_field_frames(model), sound, keeps)
        _write_golden(live, draft)
        plain = Checkpoint(checkpoint.config, checkpoint.weights, {}, checkpoint.progress)
        save_checkpoint(draft / "checkpoint.safetensors", plain)
        card = replace(card, latency=latency)
        # Loaded again: now it states its delay, which the comparison is aligned by.
        tested = _tested(OrtModel(draft, card), test, say)
        card = replace(
            card,
            training=_training_facts(checkpoint, recordings),
            quality=_quality_facts(learned, clips, streamed, run) | tested,
            files={p.name: sha256_of(p) for p in sorted(draft.iterdir())},
        )
        (draft / CARD_FILE).write_text(format_card(card), encoding="utf-8")
        say("surveying the recordings")
        space = survey(live, recordings, say, survey_minutes)
        if space is None:
            say("they are too short for a map of them to steer by and a prior to generate from")
        else:
            card = add_space(draft, card, space)
        _take_place(draft, destination)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return card


def _source_file(source: Path) -> Path:
    best = source / "best.safetensors"
    return best if best.exists() else find_checkpoint(source)


def _clips(recordings: Recordings) -> Tensor:
    frames = recordings.sample_rate_hz // 64 * 64
    many = max(1, min(STATISTICS_CLIPS, recordings.samples.shape[0] // frames))
    starts = np.linspace(0, max(recordings.samples.shape[0] - frames, 0), many).astype(int)
    cut = [recordings.samples[s : s + frames].astype(np.float32) / 32768.0 for s in starts]
    return torch.from_numpy(np.stack(cut))


def _write_graphs(model: Vae, folder: Path, label: Label, clips: Tensor) -> ModelCard:
    for hops in GRAPH_SIZES:
        encoder, encoder_states = encoder_graph(model, hops)
        decoder, decoder_states = decoder_graph(model, hops)
        onnx.save_model(encoder, folder / f"encoder-{hops}.onnx")
        onnx.save_model(decoder, folder / f"decoder-{hops}.onnx")
    config = model.config
    return ModelCard(
        name=label.name,
        title=label.title,
        licence=label.licence,
        description=label.description,
        sample_rate_hz=config.sample_rate_hz,
        hop_frames=config.hop_frames,
        latents=_latents(model, clips),
        latency=UNKNOWN_LATENCY,
        encoder_states=encoder_states,
        decoder_states=decoder_states,
        parameters=sum(p.numel() for p in model.parameters()),
        multiply_adds_per_second=multiply_adds_per_second(model),
        tolerance=gate.TOLERANCE,
    )


def _latents(model: Vae, clips: Tensor) -> tuple[LatentSpec, ...]:
    rows = latent_means(model, clips)
    low, high = np.percentile(rows, RANGE_PERCENT, axis=0)
    measured = model.config.attributes
    timbres = range(len(measured) + 1, rows.shape[1] + 1)
    names = [*measured, *(f"timbre {k}" for k in timbres)]
    return tuple(
        LatentSpec(name, round(float(a), 2), round(float(b), 2), name if name in ATTRIBUTES else "")
        for name, a, b in zip(names, low, high, strict=True)
    )


def _write_golden(live: OrtModel, folder: Path) -> None:
    """Keep a few hops of input, latents and output, made one hop at a time from silence."""
    card = live.card
    whole = gate.test_sound(card.sample_rate_hz, card.hop_frames)
    audio = whole[: GOLDEN_HOPS * card.hop_frames]
    mean = np.empty((GOLDEN_HOPS, card.latent_count), np.float32)
    std = np.empty_like(mean)
    live.reset()
    for k in range(GOLDEN_HOPS):
        frames = slice(k * card.hop_frames, (k + 1) * card.hop_frames)
        live.encode(audio[frames], mean[k : k + 1], std[k : k + 1])
    output: NDArray[np.float32] = play(live, audio)
    np.savez(folder / GOLDEN_FILE, audio=audio, mean=mean, latent=mean, output=output)


def _training_facts(checkpoint: Checkpoint, recordings: Recordings) -> dict[str, Any]:
    progress = checkpoint.progress
    return {
        "steps": int(progress.get("step", 0)),
        "minutes": round(float(progress.get("minutes", 0.0)), 1),
        "held_out_log_mel_db": round(float(progress.get("best_db", 0.0)), 2),
        "statistics_recordings": recordings.files,
        "statistics_minutes": round(recordings.minutes, 1),
    }


@torch.no_grad()
def _quality_facts(
    model: Vae, clips: Tensor, streamed: gate.Agreement, run: gate.Agreement
) -> dict[str, Any]:
    mean, std = model.encoder(clips[:32, None])
    nats = model.divergence(mean, std)
    return {
        "active_dimensions": len(model.config.attributes) + int((nats > ACTIVE_NATS).sum()),
        "nats_per_hop": round(float(nats.sum()), 2),
        "streamed_against_whole": max(streamed.latents, streamed.audio),
        "runtime_against_torch": max(run.latents, run.audio),
    }


def _tested(live: OrtModel, test: Path | None, say: Callable[[str], None]) -> dict[str, Any]:
    if test is None:
        return {}
    say("measuring output against input, and what the knobs do")
    return facts_of_test(live, test, find_tracker(), say)


def _take_place(draft: Path, destination: Path) -> None:
    os.chmod(draft, 0o755)
    for file in draft.iterdir():
        os.chmod(file, 0o644)
    old = destination.with_name(f".{destination.name}-old")
    if destination.exists():
        shutil.rmtree(old, ignore_errors=True)
        os.replace(destination, old)
    os.replace(draft, destination)
    shutil.rmtree(old, ignore_errors=True)
