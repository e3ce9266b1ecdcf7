"""One run of the bench: load, agree, measure at each block size, sum up."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

from rtvae.bench import machine
from rtvae.bench.agreement import check_agreement
from rtvae.bench.bars import bars
from rtvae.bench.figures import MOVING, OURS, BlockFigures, Figures, LaneFigures
from rtvae.bench.pacing import blocks_for, pace
from rtvae.bench.peers import TITLES, Peers, peers
from rtvae.bench.player import Player
from rtvae.bench.sound import sound
from rtvae.bench.stage import stage
from rtvae.bench.statistics import ENOUGH_BLOCKS, quiet_ratio, ratio_of_medians
from rtvae.dsp.denormals import denormals_are_flushed
from rtvae.io.clocks import Clock, MonotonicClock
from rtvae.model.admit import Admitted
from rtvae.model.live import LiveModel
from rtvae.model.load import load_admitted
from rtvae.model.ort import operators

Say = Callable[[str], None]

SOUND_S = 4.0
AGREEMENT_S = 0.4


def bench(
    admitted: Admitted,
    block_sizes: Sequence[int],
    seconds: float,
    *,
    with_peers: bool,
    say: Say,
    clock: Clock | None = None,
) -> Figures:
    """Measure a model at each block size for `seconds` a lane.

    Call `prepare_process` (rtvae.model.ort) before. Raises ModelError if the model fails, or if
    a peer does not make the same sound.
    """
    clock = clock or MonotonicClock()
    facts = machine.facts()
    ours, moved = load_admitted(admitted), load_admitted(admitted)
    with ExitStack() as context:
        found = context.enter_context(peers(admitted, with_peers))
        if found.missing:
            say(found.missing)
        realtime = context.enter_context(stage())
        conditions = {
            "seconds_per_lane": seconds,
            "realtime_priority": realtime,
            "denormals_flushed": denormals_are_flushed(),
        }
        blocks = [
            _at_block_size(ours, moved, found, block_size, seconds, clock, say)
            for block_size in block_sizes
        ]
    graphs = _graphs(admitted)
    return Figures(
        model=_model_facts(ours),
        machine=facts,
        conditions=conditions,
        blocks=blocks,
        graphs=graphs,
        # A foreign network need not be lean; it only has to be fast enough.
        bars=bars(blocks, graphs if ours.card.kind == "vae" else {}),
        notes=_notes(blocks, found, conditions),
    )


def _at_block_size(
    ours: LiveModel,
    moved: LiveModel,
    found: Peers,
    block_size: int,
    seconds: float,
    clock: Clock,
    say: Say,
) -> BlockFigures:
    rate_hz = ours.card.sample_rate_hz
    period_s = block_size / rate_hz
    hops = max(1, block_size // ours.hop_frames)
    field_frames = ours.card.latency.receptive_field_frames
    test = sound(field_frames / rate_hz + AGREEMENT_S, rate_hz)
    differences = {
        name: check_agreement(peer, ours, test, hops, TITLES[name])
        for name, peer in found.models.items()
    }
    played = sound(SOUND_S, rate_hz)
    players = {
        OURS: Player(ours, block_size, played),
        MOVING: Player(moved, block_size, played, knobs_move=True),
        **{name: Player(peer, block_size, played) for name, peer in found.models.items()},
    }
    blocks = blocks_for(seconds, period_s)
    say(f"{block_size} frames: {len(players)} lanes in turns, {len(players) * seconds:.0f} s")
    disturbance = machine.Disturbance()
    records = dict(zip(players, pace([*players.values()], blocks, period_s, clock), strict=True))
    for player in players.values():
        player.check()
    graphs_s = {name: record.graphs_s for name, record in records.items()}
    return BlockFigures(
        block_size,
        1e6 * period_s,
        {name: LaneFigures.of(record, period_s) for name, record in records.items()},
        ratios={k: ratio_of_medians(graphs_s[OURS], graphs_s[k]) for k in found.models},
        quiet_ratios={k: quiet_ratio(graphs_s[OURS], graphs_s[k]) for k in found.models},
        differences=differences,
        disturbance=disturbance.so_far(),
    )


def _model_facts(model: LiveModel) -> dict[str, Any]:
    card = model.card
    return {
        "name": card.name,
        "parameters": card.parameters,
        "multiply_adds_per_second": card.multiply_adds_per_second,
        "sample_rate_hz": card.sample_rate_hz,
        "hop_frames": card.hop_frames,
        "latents": card.latent_count,
    }


def _graphs(admitted: Admitted) -> dict[str, dict[str, int]]:
    names = sorted(name for name in admitted.card.files if name.endswith(".onnx"))
    return {name.removesuffix(".onnx"): operators(admitted.folder / name) for name in names}


def _notes(blocks: Sequence[BlockFigures], found: Peers, conditions: dict[str, Any]) -> list[str]:
    notes = [found.missing] if found.missing else []
    if not conditions["realtime_priority"]:
        notes.append("Real-time priority was refused: the tails belong to the machine.")
    if not conditions["denormals_flushed"]:
        notes.append("Denormal numbers are not flushed here: silence may cost more than this.")
    short = [b.block_size for b in blocks if b.lanes[OURS].blocks < ENOUGH_BLOCKS]
    if short:
        sizes = ", ".join(map(str, short))
        notes.append(
            f"At {sizes} frames fewer than {ENOUGH_BLOCKS} blocks were measured, so the 99.9th "
            "percentile is the longest block; give more --seconds."
        )
    return notes
