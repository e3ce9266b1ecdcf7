"""The figures as text for a terminal."""

from rtvae.bench.figures import (
    MOVING,
    OURS,
    PARTS,
    READING,
    REFERENCE,
    Bar,
    BlockFigures,
    Figures,
    LaneFigures,
)
from rtvae.bench.roofline import BYTES_PER_WEIGHT, Roofline
from rtvae.bench.statistics import Summary, closed_share

ROWS = {
    "encoder": "encoder",
    "control": "latent control",
    "decoder": "decoder",
    "rest": "everything else",
    "around": "all but the model",
    "total": "whole block",
}
CAPTION = (
    "Paced: one block per period, sleeping in between; all lanes in turns in one run. "
    "Medians do not add up."
)


def table(figures: Figures) -> str:
    """Return the whole report."""
    parts = [_head(figures), CAPTION]
    for block in figures.blocks:
        parts += [_block(block), _lanes(block, figures)]
    if figures.loads:
        parts.append(_loads(figures.loads))
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
            f"{model['latents']} latents, runs in {model['executor']}",
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


def _lanes(block: BlockFigures, figures: Figures) -> str:
    """Encoder and decoder of every lane, and how many times ours each takes."""
    lines = [
        f"{block.block_size} frames, encoder and decoder together, one thread",
        f"  {'':44}{'median us':>10}{'99.9 % us':>11}   times ours:{'median':>8}{'99.9 %':>8}"
        f"{'quiet':>8}{'of the limit':>15}",
    ]
    for name, title in figures.titles.items():
        if name in block.lanes and name != MOVING:
            lines.append(_lane(name, title, block))
        elif name in block.refusals:
            lines.append(f"  {title:<44}{block.refusals[name]}")
    if block.roofline:
        lines.append(_limit(block.roofline, figures, block))
    if REFERENCE in block.lanes and block.roofline:
        lines.append(_closed(block.lanes, block.roofline))
    if block.differences:
        worst = max(block.differences.values())
        lines.append(f"  the sound of those with our weights is ours within {worst:.1e} relative")
    return "\n".join(lines)


def _lane(name: str, title: str, block: BlockFigures) -> str:
    cost = block.lanes[name].graphs
    line = f"  {title:<44}{cost.median_us:>10.1f}{cost.tail_us:>11.1f}{'':14}"
    if name in block.ratios:
        ratios = (block.ratios[name], block.tail_ratios[name], block.quiet_ratios[name])
        line += "".join(f"{1.0 / ratio:>8.2f}" for ratio in ratios)
    else:
        line += " " * 24
    if block.roofline and name != READING:
        line += f"{cost.median_us / block.roofline.limit_us:>15.2f}"
    return line.rstrip()


def _limit(limit: Roofline, figures: Figures, block: BlockFigures) -> str:
    model = figures.model
    megabytes = BYTES_PER_WEIGHT * model["parameters"] / 1e6
    products = model["multiply_adds_per_second"] * block.period_us / 1e12
    return (
        f"  limit {limit.limit_us:.1f} us ({limit.hot_limit_us:.1f} us in a loop that never "
        f"sleeps): reading {megabytes:.1f} MB of weights {limit.read_us:.1f} us "
        f"({limit.hot_read_us:.1f} us in a loop), {products:.2f} M multiply-adds "
        f"{limit.compute_us:.1f} us"
    )


def _closed(lanes: dict[str, LaneFigures], limit: Roofline) -> str:
    runtime, native = (lanes[name].graphs.median_us for name in (REFERENCE, OURS))
    share = min(1.0, closed_share(runtime, native, limit.limit_us))
    return (
        f"  native goes {100 * share:.0f} % of the way from onnxruntime ({runtime:.1f} us) to the "
        f"limit ({limit.limit_us:.1f} us)"
    )


def _loads(loads: dict[int, float]) -> str:
    costs = ", ".join(f"{size} frames {100 * load:.2f} %" for size, load in loads.items())
    return f"What a second of audio costs of one core, block sizes in turns: {costs}"


def _graphs(graphs: dict[str, dict[str, int]]) -> str:
    lines = ["Nodes that onnxruntime runs after optimisation"]
    for name, kinds in graphs.items():
        most = sorted(kinds.items(), key=lambda kind: (-kind[1], kind[0]))
        listed = ", ".join(f"{kind} {count}" for kind, count in most)
        lines.append(f"  {name:<12}{sum(kinds.values()):>4}  {listed}")
    return "\n".join(lines)


def _bar(bar: Bar) -> str:
    if bar.value is None:
        return f"  {bar.verdict}: {bar.name}"
    limit = f"at {'least' if bar.at_least else 'most'} {bar.limit:g}"
    return f"  {bar.verdict}: {bar.name}: {bar.value:.3g} ({limit})"


def _yes(granted: bool) -> str:
    return "yes" if granted else "no"
