"""One training run: steps, a learning rate that ends at the horizon, checkpoints, health in words.

The run folder holds `checkpoint.safetensors` (to go on from), `best.safetensors` (running mean of
the weights at the lowest validation distance) and `log.jsonl` (one line per report).
"""

import contextlib
import json
import math
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rtvae.dsp.distance import log_mel_distance_db
from rtvae.training.augment import SPEED_RANGE, augment
from rtvae.training.checkpoint import (
    Checkpoint,
    load_checkpoint,
    optimiser_tensors,
    restore_optimiser,
    save_checkpoint,
)
from rtvae.training.data import Recordings
from rtvae.training.losses import SpectralDistance
from rtvae.training.vae import Vae, VaeConfig, divergence

PHASE_WEIGHT = 0.25
GRADIENT_LIMIT = 1.0
WARM_UP_STEPS = 300
ACTIVE_NATS = 0.1
USUAL_LEVEL_DB = -30.0
UNIT_DB = 12.0
REPORT_SECONDS = 30.0
VALIDATION_SECONDS = 4


@dataclass(frozen=True)
class Plan:
    """How to train: batch shape, rates, and when to stop.

    `max_minutes` ends this session; the learning rate falls along a cosine until the run has
    trained `horizon_minutes` in all.
    """

    batch: int
    frames: int
    max_minutes: float
    horizon_minutes: float
    learning_rate: float = 1.5e-3
    beta: float = 1e-3
    seed: int = 1

    @staticmethod
    def for_device(device: torch.device, max_minutes: float, horizon_minutes: float) -> "Plan":
        """Return batch shapes that keep a device busy."""
        if device.type == "cuda":
            return Plan(96, 32768, max_minutes, horizon_minutes)
        return Plan(8, 16384, max_minutes, horizon_minutes)


class Trainer:
    """A run that can stop at any step and go on later."""

    def __init__(self, run: Path, config: VaeConfig, plan: Plan, device: torch.device) -> None:
        torch.manual_seed(plan.seed)
        self.run, self.plan, self.device = run, plan, device
        self.model = Vae(config).to(device)
        self.distance = SpectralDistance(config.sample_rate_hz).to(device)
        self.optimiser = torch.optim.AdamW(
            self.model.parameters(), plan.learning_rate, betas=(0.9, 0.98), weight_decay=1e-3
        )
        self.step, self.minutes, self.best_db = 0, 0.0, math.inf
        self.mean_weights = {k: v.detach().clone() for k, v in self.model.state_dict().items()}
        self._random = np.random.default_rng(plan.seed)
        self._interrupted = False

    def start_from(self, path: Path) -> None:
        """Take the weights of another run or model; the optimiser and the clock start anew."""
        self._take_weights(load_checkpoint(path))

    def resume(self, path: Path) -> None:
        """Go on exactly where a checkpoint of this run stopped."""
        saved = load_checkpoint(path)
        self._take_weights(saved, raw="raw")
        restore_optimiser(self.optimiser, saved.optimiser)
        self.step, self.minutes = saved.progress["step"], saved.progress["minutes"]
        self.best_db = saved.progress["best_db"]
        self._random.bit_generator.state = saved.progress["random"]
        torch.set_rng_state(torch.tensor(saved.progress["torch_random"], dtype=torch.uint8))

    def _take_weights(self, saved: Checkpoint, raw: str = "") -> None:
        self.model.load_state_dict(
            {
                k: saved.optimiser.pop(f"{raw}.{k}", v) if raw else v
                for k, v in saved.weights.items()
            }
        )
        self.mean_weights = {k: v.to(self.device).clone() for k, v in saved.weights.items()}

    def fit(self, training: Recordings, validation: Recordings, say: Callable[[str], None]) -> None:
        """Train until this session's minutes are over, reporting and saving on the way.

        Ctrl-C ends the session early; what was learned is saved.
        """
        source = torch.tensor(np.asarray(training.samples), device=self.device)
        self._set_loudness()
        held_out = self._held_out(validation)
        with self._finishing_the_step_on_ctrl_c():
            self._run(source, held_out, say)

    def _run(self, source: Tensor, held_out: Tensor, say: Callable[[str], None]) -> None:
        started = reported = time.monotonic()
        begun_at = self.minutes
        sums: dict[str, float] = {}
        count = 0
        while self.minutes - begun_at < self.plan.max_minutes and not self._interrupted:
            losses = self._one_step(source)
            count += 1
            if count % 10 == 0:
                for name, value in losses.items():
                    sums[name] = sums.get(name, 0.0) + float(value)
            now = time.monotonic()
            self.minutes = begun_at + (now - started) / 60.0
            if now - reported >= REPORT_SECONDS:
                self._report(sums, count, now - reported, held_out, say)
                sums, count, reported = {}, 0, time.monotonic()
        self._report(sums, max(count, 1), time.monotonic() - reported, held_out, say)

    @contextlib.contextmanager
    def _finishing_the_step_on_ctrl_c(self) -> Iterator[None]:
        def stop(number: int, frame: FrameType | None) -> None:
            self._interrupted = True

        before = signal.signal(signal.SIGINT, stop)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _one_step(self, source: Tensor) -> dict[str, Tensor]:
        rate = self._learning_rate()
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        wanted = augment(self._crops(source), self.model.config.sample_rate_hz)
        played, mean, std = self.model(wanted[:, None])
        mel, phase = self.distance(played[:, 0], wanted)
        nats = divergence(mean, std)
        warm = min(1.0, self.step / 2000)
        loss = mel + PHASE_WEIGHT * phase + self.plan.beta * warm * nats.sum()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), GRADIENT_LIMIT)
        # A step whose gradient is not finite would poison the weights for good.
        if torch.isfinite(norm):
            self.optimiser.step()
        self._follow()
        self.step += 1
        return {"mel": mel.detach(), "phase": phase.detach(), "nats": nats.detach().sum()}

    def _crops(self, source: Tensor) -> Tensor:
        frames = math.ceil(self.plan.frames * SPEED_RANGE[1]) + 1
        frames = min(frames, source.shape[0] - 1)
        starts = self._random.integers(0, source.shape[0] - frames, self.plan.batch)
        at = torch.from_numpy(starts).to(self.device)[:, None]
        at = at + torch.arange(frames, device=self.device)
        crops = augment_length(source[at].float() / 32768.0, self.plan.frames)
        return crops

    def _learning_rate(self) -> float:
        warm = min(1.0, (self.step + 1) / WARM_UP_STEPS)
        done = min(1.0, self.minutes / self.plan.horizon_minutes)
        return self.plan.learning_rate * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))

    @torch.no_grad()
    def _follow(self) -> None:
        keep = min(0.999, (1 + self.step) / (10 + self.step))
        for name, value in self.model.state_dict().items():
            self.mean_weights[name].lerp_(value, 1 - keep)

    def _set_loudness(self) -> None:
        """Centre the loudness latent on a usual recording."""
        for part in (self.model.encoder, self.model.decoder):
            part.loudness_centre.fill_(math.log(10 ** (USUAL_LEVEL_DB / 20)))
            part.loudness_scale.fill_(math.log(10 ** (UNIT_DB / 20)))

    def _held_out(self, validation: Recordings) -> Tensor:
        hop = self.model.config.hop_frames
        frames = VALIDATION_SECONDS * self.model.config.sample_rate_hz // hop * hop
        many = max(1, min(24, validation.samples.shape[0] // frames))
        starts = np.linspace(0, max(validation.samples.shape[0] - frames, 0), many).astype(int)
        clips = np.stack([validation.samples[s : s + frames] for s in starts])
        return torch.from_numpy(clips.astype(np.float32) / 32768.0)

    @torch.no_grad()
    def validate(self, held_out: Tensor) -> tuple[float, Tensor]:
        """Return the log-mel distance in dB of the running mean, and nats per dimension."""
        model = Vae(self.model.config).to(self.device)
        model.load_state_dict(self.mean_weights)
        apart, nats = [], []
        for clips in torch.split(held_out, 8):
            mean, std = model.encoder(clips[:, None].to(self.device))
            played = model.decoder(mean)[:, 0].cpu().numpy()
            nats.append(divergence(mean, std).cpu())
            rate = model.config.sample_rate_hz
            apart += [
                log_mel_distance_db(a.numpy(), b, rate) for a, b in zip(clips, played, strict=True)
            ]
        return float(np.mean(apart)), torch.stack(nats).mean(0)

    def _report(
        self,
        sums: dict[str, float],
        count: int,
        seconds: float,
        held_out: Tensor,
        say: Callable[[str], None],
    ) -> None:
        apart, nats = self.validate(held_out)
        better = apart < self.best_db
        self.best_db = min(self.best_db, apart)
        shares = {k: v / max(count // 10, 1) for k, v in sums.items()}
        dims = nats.shape[0]
        active = int((nats > ACTIVE_NATS).sum())
        left = max(0.0, self.plan.horizon_minutes - self.minutes)
        losses = " ".join(f"{k} {v:.3f}" for k, v in shares.items())
        say(
            f"{self.minutes:6.1f} min, step {self.step}, {count / max(seconds, 1e-9):.1f} steps/s, "
            f"{losses}; held out {apart:.2f} dB, {_health(better, active, dims)}, "
            f"{left:.0f} min to the horizon"
        )
        line = {"minutes": self.minutes, "step": self.step, "held_out_db": apart, **shares}
        line["active_dimensions"] = active
        with open(self.run / "log.jsonl", "a") as log:
            log.write(json.dumps(line) + "\n")
        self.save(better)

    def save(self, better: bool) -> None:
        """Write the checkpoint to go on from, and the best one if this is it."""
        progress: dict[str, Any] = {
            "step": self.step,
            "minutes": self.minutes,
            "best_db": self.best_db,
        }
        if better:
            best = Checkpoint(self.model.config, self.mean_weights, {}, dict(progress))
            save_checkpoint(self.run / "best.safetensors", best)
        progress["random"] = self._random.bit_generator.state
        progress["torch_random"] = torch.get_rng_state().tolist()
        extra = optimiser_tensors(self.optimiser)
        extra |= {f"raw.{k}": v for k, v in self.model.state_dict().items()}
        whole = Checkpoint(self.model.config, self.mean_weights, extra, progress)
        save_checkpoint(self.run / "checkpoint.safetensors", whole)


def augment_length(crops: Tensor, frames: int) -> Tensor:
    """Cut crops so that `augment` returns exactly `frames` (a whole number of hops)."""
    return crops[:, : math.ceil(frames * SPEED_RANGE[1])]


def _health(better: bool, active: int, dims: int) -> str:
    words = "still improving" if better else "no better than before"
    if active < dims:
        words += f", {dims - active} of {dims} dimensions asleep: lower --beta"
    return words
