"""`rtvae latency`: measure the latency of the device and the engine against what is reported."""

import argparse
import contextlib
import json
from typing import TYPE_CHECKING

from rtvae.errors import NoDeviceError, UsageError

if TYPE_CHECKING:
    from rtvae.host.devices import Survey
    from rtvae.model.live import LiveModel

DESCRIPTION = """\
Measure the latency from the input to the output and compare it with what is reported.

The output has to come back to the input: over a cable from a loudspeaker socket to a line input,
or, on JACK, with --patch, over a connection inside the server. Bursts of noise go through the
engine as it plays live, and their way is measured to the frame, part by part.

Without a model an identity model is measured, whose sound is exactly its input. A model that
changes the sound is measured by the dry sound beside it, which has the same latency.
"""
HOPS = (64, 128, 256)
MAX_HOP = 1 << 14


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "latency", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", nargs="?", help="name or path (default: an identity model)")
    parser.add_argument("--hop", type=int, help="the identity model's hop in frames (default 64)")
    parser.add_argument(
        "--buffered", action="store_true", help="with the model on a worker, one block later"
    )
    parser.add_argument(
        "--sweep", action="store_true", help="hops of 64, 128 and 256, direct and buffered, in turn"
    )
    parser.add_argument("--input", metavar="DEVICE", help="name or number, see rtvae devices")
    parser.add_argument("--output", metavar="DEVICE")
    parser.add_argument("--input-channel", type=int, default=1, metavar="N")
    parser.add_argument("--output-channel", type=int, default=1, metavar="N")
    parser.add_argument("--block-size", type=int, default=0, metavar="FRAMES")
    parser.add_argument("--pairs", type=int, default=4, metavar="N", help="of bursts (default 4)")
    parser.add_argument(
        "--patch", action="store_true", help="on JACK: connect output and input inside the server"
    )
    parser.add_argument(
        "--freewheel",
        action="store_true",
        help="on JACK: let the server run as fast as it goes, where a machine is too busy",
    )
    parser.add_argument("--json", action="store_true", help="for programs")


def run(args: argparse.Namespace) -> int:
    """Measure and say what was found."""
    if args.hop is not None and not 1 <= args.hop <= MAX_HOP:
        raise UsageError(f"--hop {args.hop} is not possible; choose from 1 to {MAX_HOP}.")
    if not 1 <= args.pairs <= 100:
        raise UsageError(f"--pairs {args.pairs} is not possible; choose from 1 to 100.")
    if not 0 <= args.block_size <= 1 << 16:
        raise UsageError(
            f"--block-size {args.block_size} is not possible; choose from 1 to {1 << 16}."
        )
    from rtvae.engine.main import AudioThread
    from rtvae.engine.realtime import settle_process
    from rtvae.host.devices import survey
    from rtvae.io.drivers import Request
    from rtvae.io.portaudio import PortAudioDriver
    from rtvae.latency.lab import LONGEST_PATCHED_S, LONGEST_S, measure
    from rtvae.latency.report import describe, facts
    from rtvae.model.ort import prepare_process

    require_devices(survey())  # a server that is frozen is found out in another process
    prepare_process()
    models = _models(args)
    settle_process(paced=True)
    driver = PortAudioDriver(AudioThread().begin)
    found = []
    with contextlib.ExitStack() as stack:
        stack.callback(driver.close)
        opened = driver.open(
            Request(
                models[0][0].card.sample_rate_hz,
                args.block_size,
                args.input,
                args.output,
                (args.input_channel,),
                (args.output_channel,),
            )
        )
        if args.patch:
            driver.patch()
        if args.freewheel:
            driver.freewheel(True)
            stack.callback(driver.freewheel, False)
        for model, buffered in models:
            one = measure(
                driver,
                opened,
                model,
                buffered=buffered,
                pairs=args.pairs,
                longest_s=LONGEST_PATCHED_S if args.patch else LONGEST_S,
                latency_frames=driver.latency_frames,
            )
            found.append(one)
            if not args.json:
                print(describe(one), flush=True)
    if args.json:
        told = {
            "device": opened.device,
            "device_frames_as_opened": opened.stream.device_latency_frames,
            "found": [facts(one) for one in found],
        }
        print(json.dumps(told))
    return 0


def require_devices(found: "Survey") -> None:
    """Raise NoDeviceError unless there is an output to play on and an input to hear with."""
    if found.problem:
        raise NoDeviceError(found.problem)
    if not found.playable:
        raise NoDeviceError(
            "Latency is measured from an audio output back to an input, and this machine has not "
            "both; connect an interface, or start a JACK server (jackd -d dummy where there is no "
            "sound card) and give --patch."
        )


def _models(args: argparse.Namespace) -> "list[tuple[LiveModel, bool]]":
    from rtvae.model.identity import IdentityModel
    from rtvae.model.library import find_model
    from rtvae.model.load import load_model
    from rtvae.paths import models_dir

    ways = (False, True) if args.sweep else (args.buffered,)
    models: list[LiveModel] = []
    if args.model is not None:
        models.append(load_model(find_model(args.model, models_dir())))
    if args.sweep or args.model is None:
        hops = (args.hop,) if args.hop else (HOPS if args.sweep else HOPS[:1])
        rate_hz = models[0].card.sample_rate_hz if models else 48_000
        models += [IdentityModel(hop, sample_rate_hz=rate_hz) for hop in hops]
    return [(model, buffered) for model in models for buffered in ways]
