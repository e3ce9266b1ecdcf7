"""The figures as text for a terminal."""

from rtvae.bench.figures import MOVING, OURS, PARTS, Bar, BlockFigures, Figures
from rtvae.bench.peers import TITLES
from rtvae.bench.statistics import Summary

ROWS = {
    "encoder": "encoder",
    "control": "latent control",
    "decoder": "decoder",
    "rest": "everything else",
    "total": "whole block",
}
CAPTION = (
    "Paced: one block per period, sleeping in between; all lanes in turns in one run. "
    "Medians do not add up."
)


def table(figures: Figures) -> str:
    """Return the whole report."""
    parts = [_head(figures), CAPTION]
    parts += [_block(block) for block in figures.blocks]
    if any(block.ratios for block in figures.blocks):
        parts.append(_peers(figures.blocks))
    parts.append(_graphs(figures.graphs))
    parts.append("\n".join(["Bars", *(_bar(bar) for bar in figures.bars)]))
    if figures.notes:
        parts.append("\n".join(figures.notes))
    return "\n\n".join(parts)


def _head(figures: Figures) -> str:
    model, machine, conditions = figures.model, figures.machine, figures.conditions
    packages = [f"{k} {machine[k]}" for k in ("onnxruntime", "onnxruntime-gpu") if k in machine]
    load = machine["load_average"]
    return "\n".join(
        [
            f"{model['name']}: {model['parameters']:,} parameters, "
            f"{model['multiply_adds_per_second'] / 1e6:.0f} M multiply-adds per second, "
            f"hop {model['hop_frames']} at {model['sample_rate_hz']} Hz, "
            f"{model['latents']} latents",
            f"{machine['cpu']}, {machine['cores']} cores"
            + (f", load average {load[0]:.2f} before" if load else ""),
            ", ".join([*packages, f"numpy {machine['numpy']}", f"Python {machine['python']}"])
            + f"; real-time priority {_yes(conditions['realtime_priority'])}, "
            + f"denormals flushed {_yes(conditions['denormals_flushed'])}",
        ]
    )


def _block(block: BlockFigures) -> str:
    lane = block.lanes[OURS]
    lines = [
        f"{block.block_size} frames, period {block.period_us:.0f} us, {lane.blocks:,} blocks",
        f"  {'':24}{'median us':>10}{'99.9 % us':>11}{'median':>9}{'99.9 %':>9}  of the period",
    ]
    lines += [_row(ROWS[part], lane.parts[part]) for part in PARTS]
    if MOVING in block.lanes:
        moving = block.lanes[MOVING].parts
        lines.append(_row("control, knobs moving", moving["control"]))
        lines.append(_row("whole, knobs moving", moving["total"]))
    lines.append(_row("woke late by", lane.woke_late))
    steal = block.disturbance.get("steal_share")
    lines.append(
        f"  late wake-ups {100 * lane.late_wakes_share:.1f} %, overruns {lane.overruns}, "
        f"pushed aside {block.disturbance.get('involuntary_switches', 0)} times, "
        + ("steal unknown" if steal is None else f"steal {100 * steal:.1f} %")
    )
    return "\n".join(lines)


def _row(name: str, cost: Summary) -> str:
    return (
        f"  {name:<24}{cost.median_us:>10.1f}{cost.tail_us:>11.1f}"
        f"{100 * cost.median_share:>7.1f} %{100 * cost.tail_share:>7.1f} %"
    )


def _peers(blocks: list[BlockFigures]) -> str:
    names = list(blocks[0].ratios)
    lines = [
        "Encoder and decoder together, same weights, one thread: median us",
        "(ours over theirs: of the medians, and of the 10th percentiles, the quiet moments)",
        f"  {'frames':>6}{'rtvae':>9}" + "".join(f"{TITLES[name]:>30}" for name in names),
    ]
    for block in blocks:
        cells = [
            f"{block.lanes[name].graphs.median_us:.1f} "
            f"({block.ratios[name]:.3f}, {block.quiet_ratios[name]:.3f})"
            for name in names
        ]
        ours = block.lanes[OURS].graphs.median_us
        lines.append(f"  {block.block_size:>6}{ours:>9.1f}" + "".join(f"{c:>30}" for c in cells))
    worst = max(max(block.differences.values()) for block in blocks)
    lines.append(f"  their sound is ours within {worst:.1e} relative")
    return "\n".join(lines)


def _graphs(graphs: dict[str, dict[str, int]]) -> str:
    lines = ["Nodes that run after optimisation"]
    for name, kinds in graphs.items():
        most = sorted(kinds.items(), key=lambda kind: (-kind[1], kind[0]))
        listed = ", ".join(f"{kind} {count}" for kind, count in most)
        lines.append(f"  {name:<12}{sum(kinds.values()):>4}  {listed}")
    return "\n".join(lines)


def _bar(bar: Bar) -> str:
    if bar.value is None:
        return f"  {bar.verdict}: {bar.name}"
    return f"  {bar.verdict}: {bar.name}: {bar.value:.3g} (at most {bar.limit:g})"


def _yes(granted: bool) -> str:
    return "yes" if granted else "no"
