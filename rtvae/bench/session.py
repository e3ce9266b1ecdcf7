"""One run of the bench: load, agree, measure at each block size, sum up."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import rtvae
from rtvae.bench import machine
from rtvae.bench.agreement import check_agreement
from rtvae.bench.bars import bars
from rtvae.bench.distant import Distant, distant_of
from rtvae.bench.figures import (
    MOVING,
    OURS,
    READING,
    BlockFigures,
    Figures,
    LaneFigures,
)
from rtvae.bench.lanes import Lanes, lanes_of
from rtvae.bench.pacing import Course, blocks_for, pace, take_turns
from rtvae.bench.peers import peers
from rtvae.bench.player import Player
from rtvae.bench.roofline import Rates, roofline
from rtvae.bench.sound import sound
from rtvae.bench.stage import stage
from rtvae.bench.statistics import (
    ENOUGH_BLOCKS,
    quiet_ratio,
    ratio_of_medians,
    ratio_of_tails,
)
from rtvae.dsp.denormals import denormals_are_flushed
from rtvae.io.clocks import Clock, MonotonicClock
from rtvae.model.admit import Admitted
from rtvae.model.live import LiveModel
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
    distant_peers: Sequence[Path] = (),
    say: Say,
    clock: Clock | None = None,
) -> Figures:
    """Measure a model at each block size for `seconds` a lane.

    `distant_peers` are folders made by a script of tools/bench. Call `prepare_process`
    (rtvae.model.ort) before. Raises ModelError if the model or a peer fails, or if a peer does
    not make the same sound.
    """
    clock = clock or MonotonicClock()
    facts = machine.facts()
    with ExitStack() as context:
        distant = {
            str(peer.hello["name"]): peer
            for folder in distant_peers
            for peer in [context.enter_context(_started(distant_of(folder)))]
        }
        found = context.enter_context(peers(admitted, with_peers))
        if found.missing:
            say(found.missing)
        lanes = lanes_of(admitted, found)
        reader = context.enter_context(_started(_reader(lanes.ours)))
        realtime = context.enter_context(stage())
        for process in (reader, *distant.values()):
            process.share_priority()
        conditions = {
            "seconds_per_lane": seconds,
            "realtime_priority": realtime,
            "denormals_flushed": denormals_are_flushed(),
        }
        blocks = [
            _at_block_size(lanes, reader, distant, block_size, seconds, clock, say)
            for block_size in block_sizes
        ]
        loads = _loads(lanes.ours, block_sizes, seconds, clock, say)
    graphs = _graphs(admitted)
    model = _model_facts(lanes.ours)
    return Figures(
        model=model,
        machine=facts,
        conditions=conditions,
        titles=lanes.titles
        | {READING: reader.title}
        | {name: peer.title for name, peer in distant.items()},
        blocks=blocks,
        loads=loads,
        graphs=graphs,
        # A foreign network need not be lean; it only has to be fast enough.
        bars=bars(blocks, loads, graphs if lanes.ours.card.kind == "vae" else {}, model),
        notes=_notes(blocks, (found.missing, *lanes.notes), conditions),
    )


def _reader(model: LiveModel) -> Distant:
    weights = str(max(1, model.card.parameters))
    package = Path(rtvae.__file__).resolve().parent.parent
    return Distant([sys.executable, "-m", "rtvae.bench.reader", weights], modules=package)


@contextmanager
def _started(process: Distant) -> Iterator[Distant]:
    try:
        yield process
    finally:
        process.close()


def _at_block_size(
    lanes: Lanes,
    reader: Distant,
    distant: dict[str, Distant],
    block_size: int,
    seconds: float,
    clock: Clock,
    say: Say,
) -> BlockFigures:
    ours = lanes.ours
    rate_hz = ours.card.sample_rate_hz
    period_s = block_size / rate_hz
    hops = max(1, block_size // ours.hop_frames)
    blocks_per_hop = max(1, ours.hop_frames // block_size)
    field_frames = ours.card.latency.receptive_field_frames
    test = sound(field_frames / rate_hz + AGREEMENT_S, rate_hz)
    differences = {
        name: check_agreement(peer, ours, test, hops, lanes.titles[name])
        for name, peer in lanes.others.items()
    }
    played = sound(SOUND_S, rate_hz)
    players = {
        OURS: Player(ours, block_size, played),
        MOVING: Player(lanes.moved, block_size, played, knobs_move=True),
        **{name: Player(peer, block_size, played) for name, peer in lanes.others.items()},
    }
    refusals = {name: why for name, peer in distant.items() if (why := peer.blocks(block_size))}
    rates = reader.ask({"do": "blocks", "frames": block_size})
    measured = {
        **players,
        READING: reader,
        **{name: peer for name, peer in distant.items() if name not in refusals},
    }
    blocks = blocks_for(seconds, period_s)
    say(f"{block_size} frames: {len(measured)} lanes in turns, {len(measured) * seconds:.0f} s")
    disturbance = machine.Disturbance()
    paced = pace([*measured.values()], blocks, period_s, clock)
    records = dict(zip(measured, paced, strict=True))
    for player in players.values():
        player.check()
    graphs_s = {name: record.played_s for name, record in records.items()}
    mine, others = graphs_s[OURS], [name for name in measured if name not in (OURS, MOVING)]
    card = ours.card
    return BlockFigures(
        block_size,
        1e6 * period_s,
        {name: LaneFigures.of(r, period_s, blocks_per_hop) for name, r in records.items()},
        ratios={name: ratio_of_medians(mine, graphs_s[name]) for name in others},
        tail_ratios={name: ratio_of_tails(mine, graphs_s[name]) for name in others},
        quiet_ratios={name: quiet_ratio(mine, graphs_s[name]) for name in others},
        roofline=roofline(
            records[READING],
            Rates(float(rates["operations_per_s"]), float(rates["bytes_per_s"])),
            card.parameters,
            card.multiply_adds_per_second * hops * ours.hop_frames / rate_hz,
        ),
        refusals=refusals,
        differences=differences,
        disturbance=disturbance.so_far(),
    )


def _loads(
    model: LiveModel, block_sizes: Sequence[int], seconds: float, clock: Clock, say: Say
) -> dict[int, float]:
    """Return what a second of audio costs at each block size, the sizes in turns in one run.

    One after the other they would meet a machine that is faster in one minute than in the next.
    """
    if len(block_sizes) < 2:
        return {}
    say(f"block sizes in turns, {len(block_sizes) * seconds:.0f} s")
    rate_hz, hop = model.card.sample_rate_hz, model.hop_frames
    played = sound(SOUND_S, rate_hz)
    players = [Player(model, size, played) for size in block_sizes]
    courses = [
        Course(player, blocks_for(seconds, size / rate_hz), size / rate_hz)
        for player, size in zip(players, block_sizes, strict=True)
    ]
    records = take_turns(courses, clock)
    for player in players:
        player.check()
    return {
        size: record.load(size / rate_hz, max(1, hop // size))
        for size, record in zip(block_sizes, records, strict=True)
    }


def _model_facts(model: LiveModel) -> dict[str, Any]:
    card = model.card
    return {
        "name": card.name,
        "parameters": card.parameters,
        "multiply_adds_per_second": card.multiply_adds_per_second,
        "sample_rate_hz": card.sample_rate_hz,
        "hop_frames": card.hop_frames,
        "latents": card.latent_count,
        "hears_pitch": any(latent.attribute == "pitch" for latent in card.latents),
        "executor": model.executor,
    }


def _graphs(admitted: Admitted) -> dict[str, dict[str, int]]:
    names = sorted(name for name in admitted.card.files if name.endswith(".onnx"))
    return {name.removesuffix(".onnx"): operators(admitted.folder / name) for name in names}


def _notes(
    blocks: Sequence[BlockFigures], found: Sequence[str], conditions: dict[str, Any]
) -> list[str]:
    notes = [note for note in found if note]
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
