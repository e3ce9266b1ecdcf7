"""`rtvae inspect`: the card of a model, read and judged but not run; or what a recording holds."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from rtvae.spec import ModelCard

BLOCK_SIZES = (32, 64, 128, 256)


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("inspect", description="Show what is known of a model.")
    parser.add_argument("model", help="name or path; a performance's NAME.rtvp does as well")
    parser.add_argument("--json", action="store_true", help="for programs")


def run(args: argparse.Namespace) -> int:
    """Show the card."""
    if args.model.lower().endswith((".rtvp", ".w64")):
        return _show_performance(Path(args.model), args.json)
    from rtvae.model.admit import admit
    from rtvae.model.card import read_card
    from rtvae.model.library import find_model
    from rtvae.paths import models_dir

    path = find_model(args.model, models_dir())
    # A bare graph has no card; its examination makes one.
    card = admit(path).card if path.suffix == ".onnx" else read_card(path)
    if args.json:
        shown = {"path": str(path), **asdict(card), "stream_latency_frames": stream_latency(card)}
        print(json.dumps(shown, indent=2, default=str))
    else:
        print(describe(card, path))
    return 0


def _show_performance(path: Path, as_json: bool) -> int:
    from rtvae.cli.performance import describe, facts
    from rtvae.io.performance import read_performance

    performance = read_performance(path)
    print(json.dumps(facts(performance), indent=2) if as_json else describe(performance))
    return 0


def stream_latency(card: ModelCard) -> dict[int, dict[str, int]]:
    """Return what playing adds to the device's latency, by block size, in frames."""
    from rtvae.dsp.reblock import least_latency_frames
    from rtvae.engine.buffered import buffer_rows

    hop, own = card.hop_frames, round(card.latency.delay_frames)
    direct = {size: own + least_latency_frames(hop, size) for size in BLOCK_SIZES}
    return {
        size: {"direct": frames, "buffered": frames + hop * buffer_rows(hop, size)}
        for size, frames in direct.items()
    }


def describe(card: ModelCard, path: Path) -> str:
    """Return a card as text."""
    from rtvae.cli.columns import columns
    from rtvae.model.space import SPACE_FILE

    def time(frames: float) -> str:
        return f"{frames:g} frames, {1000 * frames / card.sample_rate_hz:.2f} ms"

    rows = [
        ("name", card.name),
        ("title", card.title),
        ("licence", card.licence),
        ("lies in", str(path)),
        ("kind", card.kind),
        ("sample rate", f"{card.sample_rate_hz} Hz"),
        ("hop", time(card.hop_frames)),
        ("delay", time(card.latency.delay_frames)),
        ("latency with one hop", time(card.latency.algorithmic_frames)),
        ("first sound after", time(card.latency.onset_frames)),
        ("jitter", time(card.latency.jitter_frames)),
        ("hears back", time(card.latency.receptive_field_frames)),
        *(
            (f"blocks of {size} add", f"{time(more['direct'])}; buffered {time(more['buffered'])}")
            for size, more in stream_latency(card).items()
        ),
        ("parameters", f"{card.parameters:,}"),
        ("multiply-adds", f"{card.multiply_adds_per_second:,} per second of sound"),
        ("map and prior", "yes" if SPACE_FILE in card.files else "none (rtvae survey makes them)"),
    ]
    for section, facts in (("training", card.training), ("quality", card.quality)):
        rows += [(f"{section}: {key}", str(value)) for key, value in facts.items()]
    text = columns(rows)
    if card.description:
        text = f"{card.description}\n\n{text}"
    if card.latents:
        knobs = [(k, x.name, f"{x.low:g} to {x.high:g}") for k, x in enumerate(card.latents, 1)]
        text += "\nlatents\n" + columns(knobs, "  ")
    return text
