"""`rtvae play`: play a model live."""

import argparse
import math
import os
from functools import partial
from pathlib import Path

from rtvae.cli.targets import require_writable
from rtvae.errors import UsageError

MOST_BLOCK = 1 << 16
LEAST_RATE_HZ, MOST_RATE_HZ = 8_000, 192_000
MOST_CHANNELS = 256

DESCRIPTION = """\
Play a model live: sound in, through the model, sound out.

With audio devices, the microphone goes to the loudspeakers; --input may also be a sound file.
Without any, or with a sound file as --output, the built-in clocked device plays instead: a
recording goes through the model in real time and the result into a file. No file that exists is
ever written over; a free name beside it is taken and told.

A run folder plays the newest model that training has put there, and changes to each new one as
it comes, until another model is chosen in the window.

Without a screen, or with --no-window, the terminal shows the state. Then a recording ends the
session; with a window, or with --duration, it starts again. Ctrl-C ends the session any time.
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "play", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "model",
        nargs="?",
        help="name or path of a model or of a run in training (default: the preset's, or ours)",
    )
    parser.add_argument(
        "--blend", metavar="MODEL", help="a second model beside the first, with a fader between"
    )
    parser.add_argument("--preset", metavar="NAME", help="name or path of a preset (default)")
    parser.add_argument(
        "--set-list", metavar="NAME", help="name or path of a set list: presets in their order"
    )
    parser.add_argument(
        "--fresh",
        action="store_true",
        help="do not go on where a session without a proper end left off",
    )
    sound = parser.add_argument_group("sound")
    sound.add_argument("--input", metavar="DEVICE|FILE", help="name or number, see rtvae devices")
    sound.add_argument("--output", metavar="DEVICE|FILE")
    sound.add_argument(
        "--driver",
        choices=("auto", "portaudio", "dummy", "file"),
        default="auto",
        help="portaudio: devices; dummy: files in real time; file: files as fast as it goes",
    )
    sound.add_argument(
        "--block-size",
        type=partial(_whole, most=MOST_BLOCK),
        metavar="FRAMES",
        help="default: the device's own",
    )
    sound.add_argument(
        "--sample-rate",
        type=partial(_whole, least=LEAST_RATE_HZ, most=MOST_RATE_HZ),
        metavar="HZ",
        help="default: the model's",
    )
    sound.add_argument(
        "--input-channels", type=_channels, metavar="N,N", help="heard as their mean (default 1)"
    )
    sound.add_argument(
        "--output-channels", type=_channels, metavar="N,N", help="played on (default 1,2)"
    )
    sound.add_argument(
        "--loop", action=argparse.BooleanOptionalAction, help="play a file again when it ends"
    )
    sound.add_argument(
        "--buffered",
        action=argparse.BooleanOptionalAction,
        help="run the model beside the audio callback, one block later, or in it; "
        "default: in it, as long as it fits",
    )
    sound.add_argument("--duration", type=_seconds, metavar="S", help="end after so many seconds")
    hands = parser.add_argument_group("knobs and sight")
    hands.add_argument(
        "--midi",
        metavar="PORT",
        action="append",
        default=[],
        help='part of a port\'s name, or "virtual" to open one of our own; several times for '
        "several; default: every controller there is, as it comes",
    )
    hands.add_argument(
        "--osc",
        nargs="?",
        const="9000",
        metavar="[HOST:]PORT",
        help="listen to OSC; without HOST only this machine is listened to (default port 9000)",
    )
    hands.add_argument(
        "--osc-to",
        metavar="[HOST:]PORT",
        help="stream latents and turned knobs there from the start",
    )
    hands.add_argument(
        "--osc-rate",
        type=_rate,
        default=30.0,
        metavar="HZ",
        help="how often, up to 200 (default 30)",
    )
    hands.add_argument(
        "--record",
        nargs="?",
        const="",
        metavar="FILE",
        help="record from the start, to FILE.w64 and FILE.rtvp, a folder, or ~/rtvae-recordings; "
        "the key R does it any time",
    )
    hands.add_argument("--no-window", action="store_true", help="stay in the terminal")
    hands.add_argument("--stats", type=Path, metavar="FILE.json", help="write figures at the end")


def run(args: argparse.Namespace) -> int:
    """Play."""
    from rtvae.host.plan import SOUND_SUFFIXES, PlayRequest
    from rtvae.host.play import play

    if args.stats is not None:
        require_writable(args.stats, "--stats")
    if args.model is not None and Path(args.model).suffix.lower() in SOUND_SUFFIXES:
        raise UsageError(
            f"{args.model} is a sound file and no model; it is played by: rtvae play --input FILE."
        )
    return play(
        PlayRequest(
            model=args.model,
            blend=args.blend,
            preset=args.preset,
            set_list=args.set_list,
            fresh=args.fresh,
            driver=args.driver,
            input=args.input,
            output=args.output,
            block_size=args.block_size,
            sample_rate_hz=args.sample_rate,
            input_channels=args.input_channels,
            output_channels=args.output_channels,
            midi=tuple(args.midi),
            window=not args.no_window,
            duration_s=args.duration,
            loop=args.loop,
            buffered=args.buffered,
            stats=args.stats,
            record=args.record is not None,
            osc=args.osc,
            osc_to=args.osc_to,
            osc_rate_hz=args.osc_rate,
            record_to=Path(os.path.expanduser(args.record)) if args.record else None,
        )
    )


def _whole(text: str, least: int = 1, most: int = MOST_CHANNELS) -> int:
    if not (text.isdecimal() and len(text) < 10 and least <= int(text) <= most):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} to {most}")
    return int(text)


def _channels(text: str) -> tuple[int, ...]:
    numbers = tuple(_whole(part.strip()) for part in text.split(","))
    if len(set(numbers)) < len(numbers):
        raise argparse.ArgumentTypeError(f"{text!r} names a channel twice")
    return numbers


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0.0 < seconds < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return seconds


def _rate(text: str) -> float:
    try:
        rate_hz = float(text)
    except ValueError:
        rate_hz = math.nan
    if not 0.0 < rate_hz <= 200.0:
        raise argparse.ArgumentTypeError(f"{text!r} is no rate above 0 and up to 200 Hz")
    return rate_hz
