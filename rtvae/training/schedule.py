"""How hard a run learns and when it ends: functions of its plan and of its progress alone.

The learning rate rises, stays, and falls along a cosine in the last part of the stretch. As it
stays the same for most of the time, a run that was killed repeats its losses although no two
clocks agree; and a run can be given more time without having been cooled too early. Source: Hu
et al., MiniCPM (2024), section 4 (warm-up, stable, decay).
"""

import math
from dataclasses import dataclass

import torch

from rtvae.training.progress import Progress

RISE_STEPS = 300
STAY_SHARE = 0.6
LAST_RATE = 0.02
DIVERGENCE_STEPS = 2000
PEAK_RATE = 1.5e-3
FINE_PEAK_RATE = 4e-4
MEAN_SHARE = 10.0
LONGEST_MEAN = 0.999
FINE_HEAD_START = 90


@dataclass(frozen=True)
class Plan:
    """What to train on per step, and for how long.

    A step hears `groups` groups of `clips_per_group` clips of `frames`, over all processes.
    `max_minutes` ends this session; `horizon_minutes` is the length of a stretch. With
    `max_steps` a stretch has so many steps instead, and no clock has a say in what is learned.
    `learning_rate` is the highest; None takes what has been found to serve.
    """

    groups: int
    clips_per_group: int
    frames: int
    max_minutes: float
    horizon_minutes: float
    max_steps: int | None = None
    learning_rate: float | None = None
    beta: float = 1e-3
    seed: int = 1
    adversarial: bool = False

    @property
    def batch(self) -> int:
        """Clips per step, over all processes."""
        return self.groups * self.clips_per_group


def usual_batch(device: torch.device, processes: int) -> tuple[int, int, int]:
    """Return groups, clips per group and frames that keep a device busy.

    The batch grows only where there are more processes than groups to share out.
    """
    groups, clips, frames = (3, 32, 32768) if device.type == "cuda" else (2, 4, 16384)
    return math.ceil(groups / processes) * processes, clips, frames


def share_done(plan: Plan, at: Progress) -> float:
    """Return how much of the stretch is over, 0 to 1."""
    if plan.max_steps is not None:
        done = (at.step - at.stretch_step) / plan.max_steps
    else:
        done = (at.minutes - at.stretch_minutes) / plan.horizon_minutes
    return min(max(done, 0.0), 1.0)


def begin_stretch(plan: Plan, at: Progress) -> None:
    """Begin another stretch if the last one is over."""
    if share_done(plan, at) >= 1.0:
        at.stretch_step, at.stretch_minutes, at.settled_share = at.step, at.minutes, 0.0


def learning_rate(plan: Plan, at: Progress) -> float:
    """Return the rate of the next step; a model that can already do something learns gently."""
    peak = plan.learning_rate or (FINE_PEAK_RATE if at.fine_tuning else PEAK_RATE)
    rise = min(1.0, (at.step - at.stretch_step + 1) / RISE_STEPS)
    fallen = max(0.0, (share_done(plan, at) - STAY_SHARE) / (1.0 - STAY_SHARE))
    return peak * rise * (LAST_RATE + (1.0 - LAST_RATE) * 0.5 * (1.0 + math.cos(math.pi * fallen)))


def divergence_warmth(at: Progress) -> float:
    """Return the share of beta that counts: first the sound, then the order of the latents.

    Source: Bowman et al., Generating Sentences from a Continuous Space (2016), section 3.1.
    """
    return 1.0 if at.fine_tuning else min(1.0, at.step / DIVERGENCE_STEPS)


def mean_keeps(at: Progress) -> float:
    """Return how much the running mean of the weights keeps in a step.

    It spans about a tenth of the steps so far; given weights begin with a longer memory.
    """
    steps = at.step + (FINE_HEAD_START if at.fine_tuning else 0)
    return min(LONGEST_MEAN, (1.0 + steps) / (MEAN_SHARE + steps))
