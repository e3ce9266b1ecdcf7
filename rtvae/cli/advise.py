"""`rtvae advise [MODEL]`: what each block size costs on this machine, and which to choose."""

import argparse
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rtvae.engine.governor import Choice

DESCRIPTION = """\
Measure what a model costs here for each block size, as a device would bring the blocks, and say
which to choose. It takes some seconds; the machine should be as busy as it will be on stage.

Direct, the model runs in the audio callback: safe up to 60 % of a block's period. Buffered, it
runs beside it and is heard one block later: safe up to 90 %.
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "advise", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", nargs="?", help="name or path of a model (default: ours)")
    parser.add_argument("--blend", metavar="MODEL", help="a second model beside the first")
    parser.add_argument("--json", action="store_true", help="for programs")


def run(args: argparse.Namespace) -> int:
    """Measure and advise."""
    from rtvae.engine.governor import recommended
    from rtvae.engine.lineup import Lineup, load_models
    from rtvae.engine.realtime import settle_process
    from rtvae.engine.survey import survey
    from rtvae.model.library import DEFAULT_MODEL, find_model
    from rtvae.model.load import load_model
    from rtvae.model.ort import prepare_process
    from rtvae.paths import models_dir

    prepare_process()
    path = find_model(args.model or DEFAULT_MODEL, models_dir())
    beside = find_model(args.blend, models_dir()) if args.blend is not None else None
    models = load_models(Lineup(path, beside), load_model)
    settle_process(paced=True)
    rate_hz = models[0].card.sample_rate_hz
    ways = survey(models, rate_hz)
    best = recommended(ways)
    if args.json:
        print(json.dumps(as_facts(ways, best, rate_hz), indent=2))
    else:
        names = " and ".join(model.card.name for model in models)
        print(f"Model {names} on this machine, at {rate_hz} Hz:\n{describe(ways, best, rate_hz)}")
    return 0


def describe(ways: "Sequence[Choice]", best: "Choice | None", sample_rate_hz: int) -> str:
    """Return the table, and the recommendation, as text."""
    from rtvae.cli.columns import columns

    rows = [("block", "usual", "99.9 %", "latency", "")]
    for way in ways:
        latency_ms = 1000 * way.latency_frames / sample_rate_hz
        rows.append(
            (
                f"{way.block_size} {'buffered' if way.buffered else 'direct'}",
                f"{100 * way.usual_share:.0f} %",
                f"{100 * way.high_share:.0f} %",
                f"{way.latency_frames} frames, {latency_ms:.1f} ms",
                ("safe" if way.fits else "too slow") + (", recommended" if way == best else ""),
            )
        )
    note = "Latency is that of model, reblocking and buffer; the device adds its own blocks."
    return f"{columns(rows, '  ')}\n{note}\n{recommendation(best)}"


def recommendation(best: "Choice | None") -> str:
    """Return what to do, as one sentence."""
    if best is None:
        return "No block size is safe here: choose a smaller model."
    how = "--buffered" if best.buffered else "--no-buffered"
    return f"Play with --block-size {best.block_size} {how}, or with larger blocks."


def as_facts(
    ways: "Sequence[Choice]", best: "Choice | None", sample_rate_hz: int
) -> dict[str, object]:
    """Return the same for programs."""
    return {
        "sample_rate_hz": sample_rate_hz,
        "choices": [
            {
                "block_size": way.block_size,
                "buffered": way.buffered,
                "usual_share": round(way.usual_share, 4),
                "p99_9_share": round(way.high_share, 4),
                "latency_frames": way.latency_frames,
                "latency_ms": round(1000 * way.latency_frames / sample_rate_hz, 3),
                "safe": way.fits,
                "recommended": way == best,
            }
            for way in ways
        ],
    }
