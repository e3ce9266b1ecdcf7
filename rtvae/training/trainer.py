"""One training run: steps, meetings of the processes, reports, checkpoints.

    step step step ... meeting: the time, enough? report? -> judge, save, report, export
         (all processes)         (process 0 decides and does it, the others wait)

The run folder holds `checkpoint.safetensors` (to go on from), `best.safetensors` (running mean of
the weights at the lowest held-out distance) and what the reporters write. What a step does is a
function of the checkpoint alone: a killed run repeats the losses of one that was not.
"""

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor

from rtvae.errors import TrainingError
from rtvae.training.adversary import Adversary
from rtvae.training.batches import Batches, group_seed, unit_draw
from rtvae.training.checkpoint import (
    Checkpoint,
    load_checkpoint,
    optimiser_tensors,
    restore_optimiser,
    save_checkpoint,
    tensors_under,
)
from rtvae.training.data import Recordings
from rtvae.training.distributed import lead, share_out
from rtvae.training.graft import graft
from rtvae.training.guarded_step import guarded_step
from rtvae.training.health import SKIPPED
from rtvae.training.held_out import Judgement, held_out_clips, judge
from rtvae.training.interrupt import CtrlC
from rtvae.training.listening import Listening
from rtvae.training.meetings import Decision, Meetings
from rtvae.training.objective import Objective
from rtvae.training.phases import enter_adversarial, note_distance, phase_is_over
from rtvae.training.progress import ADVERSARIAL, Progress
from rtvae.training.report import Report, Reporter
from rtvae.training.running_mean import RunningMean
from rtvae.training.schedule import (
    Plan,
    begin_stretch,
    divergence_warmth,
    learning_rate,
    mean_keeps,
)
from rtvae.training.shape import VaeConfig
from rtvae.training.tally import Tally
from rtvae.training.vae import Encoder, Vae

USUAL_LEVEL_DB = -30.0
UNIT_DB = 12.0
MOST_LOST_STEPS = 200

Audition = Callable[[], None]
"""Make the newest model playable."""


class Trainer:
    """A run that can stop at any step and go on later; each process has one."""

    def __init__(self, run: Path, config: VaeConfig, plan: Plan, fabric: Fabric) -> None:
        torch.manual_seed(plan.seed)
        self.run, self.plan, self.fabric = run, plan, fabric
        self.progress = Progress()
        self.model = Vae(config)
        _set_loudness(self.model)
        self.objective = Objective(self.model, plan.beta).to(fabric.device)
        self.mean = RunningMean(self.model)
        self.optimiser = torch.optim.AdamW(
            self.model.parameters(),
            betas=(0.9, 0.98),
            weight_decay=1e-3,
            fused=True,
        )
        self.adversary: Adversary | None = None
        self._groups = share_out(fabric, plan.groups)
        self._tally, self._lost = Tally(), 0
        self._wrap()

    def start_from(self, path: Path) -> None:
        """Take the weights of another run or model; the optimiser and the clock start anew.

        Raises UsageError if they do not fit.
        """
        saved = load_checkpoint(path)
        self._take_weights(graft(saved, self.model), {})
        self.progress = Progress(fine_tuning=True, grown=saved.config != self.model.config)

    def resume(self, path: Path) -> None:
        """Go on exactly where a checkpoint of this run stopped."""
        saved = load_checkpoint(path)
        self.progress = Progress.from_dict(saved.progress)
        self._take_weights(saved.weights, tensors_under("raw.", saved.optimiser))
        if self.progress.phase == ADVERSARIAL:
            self._join_adversary(saved.optimiser)
        own = {k: v for k, v in saved.optimiser.items() if k[0].isdigit()}
        restore_optimiser(self.optimiser, own)

    def fit(
        self,
        training: Recordings,
        validation: Recordings,
        reporters: Sequence[Reporter] = (),
        audition: Audition | None = None,
    ) -> None:
        """Train until this session's time is over, reporting and saving on the way.

        Ctrl-C ends the session early; what was learned is saved. Raises TrainingError if the
        losses are not numbers any more, ModelError if a checkpoint cannot be written.
        """
        config = self.model.config
        batches = self.batches(training)
        held_out = held_out_clips(validation.samples, config.sample_rate_hz, config.hop_frames)
        begin_stretch(self.plan, self.progress)
        with CtrlC() as interrupted:
            meetings = Meetings(self.plan, self.progress, self.fabric.world_size, interrupted)
            while True:
                decision = self._meet(meetings)
                if decision.report:
                    self._report(held_out, decision, reporters, meetings, audition)
                if decision.stop:
                    break
                for _ in range(decision.steps):
                    self.one_step(batches)
        for reporter in reporters:
            reporter.close()

    def batches(self, training: Recordings) -> Batches:
        """Return the source of clips."""
        plan, config = self.plan, self.model.config
        return Batches(
            training.samples,
            config.sample_rate_hz,
            plan.clips_per_group,
            plan.frames,
            self.fabric.device,
            solo="pitch" in config.attributes,
        )

    def one_step(self, batches: Batches) -> dict[str, Tensor]:
        """Learn from one batch; return its losses as they were before, this process's share."""
        at = self.progress
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.plan, at)
        seeds = [group_seed(self.plan.seed, at.step, group) for group in self._groups]
        heard = batches.draw(seeds)
        found = self._objective(heard, seeds, divergence_warmth(at))
        total = found["total"]
        losses = {name: value.detach() for name, value in found.items() if value.dim() == 0}
        losses["nats"] = found["nats"].sum()
        if self.adversary is not None:
            more, parts = self.adversary.take_turn(
                found["wanted"],
                found["played"],
                at.step - at.phase_step,
                unit_draw(self.plan.seed, at.step),
            )
            total, losses = total if more is None else total + more, losses | parts
        self.optimiser.zero_grad(set_to_none=True)
        self.fabric.backward(total)
        lost = guarded_step(self.fabric, self._objective, self._optimiser)
        self.mean.follow(mean_keeps(at))
        self._tally.add(losses, lost)
        at.step += 1
        return losses

    def save(self, better: bool) -> None:
        """Write the checkpoint to go on from, and the best one if this is it."""
        config, progress = self.model.config, self.progress.as_dict()
        if better:
            best = Checkpoint(config, self.mean.weights(), {}, progress)
            save_checkpoint(self.run / "best.safetensors", best)
        extra = optimiser_tensors(self.optimiser)
        extra |= {f"raw.{k}": v for k, v in self.model.state_dict().items()}
        if self.adversary is not None:
            extra |= {f"adversary.{k}": v for k, v in self.adversary.tensors().items()}
        whole = Checkpoint(config, self.mean.weights(), extra, progress)
        save_checkpoint(self.run / "checkpoint.safetensors", whole)

    def _wrap(self) -> None:
        """Let Fabric see which weights learn; needed again whenever that changes."""
        objective: Any = self.objective
        self._objective, self._optimiser = self.fabric.setup(objective, self.optimiser)

    def _join_adversary(self, saved: dict[str, Tensor]) -> None:
        """Let the opponent join, as it was saved or as a beginner; the encoder stops learning."""
        torch.manual_seed(self.plan.seed)
        self.adversary = Adversary(self.fabric)
        if known := tensors_under("adversary.", saved):
            self.adversary.restore(known)
        self.model.encoder.requires_grad_(False)
        self.optimiser.zero_grad(set_to_none=True)
        self._wrap()

    def _take_weights(self, mean: dict[str, Tensor], raw: dict[str, Tensor]) -> None:
        self.model.load_state_dict(mean | raw)
        self.mean.model.load_state_dict(mean)

    def _meet(self, meetings: Meetings) -> Decision:
        decision = self.fabric.broadcast(meetings.decide(self.progress))
        self.progress.minutes = decision.minutes
        return decision

    def _report(
        self,
        held_out: Tensor,
        decision: Decision,
        reporters: Sequence[Reporter],
        meetings: Meetings,
        audition: Audition | None,
    ) -> None:
        """Judge, save, tell, perhaps export: process 0 does it and all go on from there."""
        steps = self._tally.steps
        losses, lost = self._tally.close(self.fabric)
        self._lost = self._lost + lost if lost and lost == steps else 0
        if lost:
            losses[SKIPPED] = float(lost)

        def work() -> Progress:
            if self._lost >= MOST_LOST_STEPS:
                raise TrainingError(
                    f"The last {self._lost} steps gave losses that are not numbers; give the same "
                    "command with another --seed, or with --device cpu, to go on from the last "
                    "checkpoint."
                )
            found = judge(self.mean.model, held_out, self.fabric.device)
            better = note_distance(self.progress, self.plan, found.distance_db)
            told = self._what_to_tell(losses, steps, found, better, meetings)
            if phase_is_over(self.progress, self.plan):
                enter_adversarial(self.progress)
            self.save(better)
            for reporter in reporters:
                reporter.report(told)
            if audition is not None and meetings.export_is_due(better, decision):
                begun = time.monotonic()
                audition()
                meetings.exported(begun)
            meetings.reported(self.progress)
            return self.progress

        self.progress = lead(self.fabric, work)
        if self.progress.phase == ADVERSARIAL and self.adversary is None:
            self._join_adversary({})

    def _what_to_tell(
        self,
        losses: dict[str, float],
        steps: int,
        found: Judgement,
        better: bool,
        meetings: Meetings,
    ) -> Report:
        rate = steps / max(meetings.seconds_of_steps(), 1e-9)
        return Report(
            minutes=self.progress.minutes,
            step=self.progress.step,
            steps_per_second=rate,
            examples_per_second=rate * self.plan.batch,
            losses=losses,
            held_out_db=found.distance_db,
            best_db=min(self.progress.best_db, found.distance_db),
            better=better,
            nats=found.nats,
            phase=self.progress.phase,
            minutes_left=meetings.minutes_left(self.progress, rate),
            learning_rate=learning_rate(self.plan, self.progress),
            sample_rate_hz=self.model.config.sample_rate_hz,
            clips=found.clips,
        )


def _set_loudness(model: Vae) -> None:
    """Centre the loudness latent on a usual recording."""
    for part in model.modules():
        if not isinstance(part, (Encoder, Listening)):
            continue
        part.loudness_centre.fill_(math.log(10 ** (USUAL_LEVEL_DB / 20)))
        part.loudness_scale.fill_(math.log(10 ** (UNIT_DB / 20)))
