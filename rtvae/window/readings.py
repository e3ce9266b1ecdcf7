"""The big numbers of the window: what each shows, small print and explanation, from the facts."""

from dataclasses import dataclass

import numpy as np

from rtvae.window.facts import Facts
from rtvae.window.load import Load
from rtvae.window.text import DASH, counted, percent

HIGH_LOAD = 0.6
FULL_LOAD = 0.9


@dataclass(frozen=True)
class Reading:
    """One tile: a big number, a line of small print, an explanation, and a tone of theme.TONES."""

    number: str
    detail: str
    explanation: str
    tone: str = "calm"


def latency_reading(facts: Facts) -> Reading:
    """Return the way from input to output in milliseconds, and the frames it is made of."""
    if not facts.blocks:
        return Reading(DASH, "no blocks yet", "Time from the input to the output.")
    per_ms = facts.sample_rate_hz / 1000.0
    frames = facts.latency_frames
    parts = {
        "device": facts.device_latency_frames,
        "block": facts.reblock_latency_frames,
        "buffer": facts.buffer_latency_frames,
        "model": facts.model_latency_frames,
    }
    shown = [f"{name} {part}" for name, part in parts.items() if part]
    if not facts.device_latency_frames:
        shown.insert(0, "no device buffers")
    named = zip(
        ("device", "collecting blocks", "worker's buffer", "model"), parts.values(), strict=True
    )
    return Reading(
        f"{frames / per_ms:.1f} ms",
        f"{frames} frames: {' · '.join(shown)}",
        "Time from the input to the output: "
        + ", ".join(f"{name} {part / per_ms:.2f} ms ({part} frames)" for name, part in named)
        + f"; together {frames / per_ms:.2f} ms ({frames} frames) at {facts.sample_rate_hz} Hz.",
    )


def load_reading(load: Load) -> Reading:
    """Return how much of the block period is used."""
    if np.isnan(load.median):
        return Reading(DASH, "no blocks yet", "Share of the block period that the engine uses.")
    tone = "bad" if load.p99 >= FULL_LOAD else "warn" if load.p99 >= HIGH_LOAD else "calm"
    return Reading(
        percent(load.median),
        f"1 in 100 above {percent(load.p99)}",
        f"Share of the block period that the engine uses: {percent(load.median)} in the median "
        f"block, {percent(load.p99)} in the 99th percentile. Near 100 % there will be dropouts; "
        "a larger block size helps.",
        tone,
    )


def dropouts_reading(facts: Facts, recent: bool) -> Reading:
    """Return the dropouts since the start; `recent` marks that there was one just now."""
    mended = facts.guard_repairs + facts.concealed_blocks
    return Reading(
        counted(facts.dropouts),
        f"late {counted(facts.late_blocks)} · mended {counted(mended)}",
        f"Gaps in the sound since the start: {facts.output_underflows} in the output, "
        f"{facts.input_overflows} in the input. {facts.late_blocks} blocks took longer than their "
        f"period; {facts.guard_repairs} were mended because the model gave no usable sound, "
        f"{facts.concealed_blocks} because it came too late for its buffer.",
        "bad" if recent else "calm",
    )
