"""`rtvae devices`: what there is to play on and to turn."""

import argparse
import json
from dataclasses import asdict


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "devices", description="List audio devices and MIDI inputs, by the names that play takes."
    )
    parser.add_argument("--json", action="store_true", help="for programs")


def run(args: argparse.Namespace) -> int:
    """List them."""
    from rtvae.cli.columns import columns
    from rtvae.host.devices import survey
    from rtvae.io.midi_port import input_names

    found, midi = survey(), input_names()
    if args.json:
        audio = [asdict(device) for device in found.devices]
        print(json.dumps({"audio": audio, "problem": found.problem, "midi": midi}, indent=2))
        return 0
    rows = [("", "in", "out", "Hz", "device", "system")]
    for device in found.devices:
        default = device.default_input or device.default_output
        rows.append(
            (
                f"{device.number}{'*' if default else ''}",
                str(device.input_channels),
                str(device.output_channels),
                str(device.sample_rate_hz),
                device.name,
                device.host_api,
            )
        )
    print(
        "Audio devices (* default)"
        if found.devices
        else f"No audio devices. {found.problem}".rstrip()
    )
    if found.devices:
        print(columns(rows, "  "))
    print("MIDI inputs" if midi else "No MIDI inputs.")
    if midi:
        print(columns([(name,) for name in midi], "  "))
    return 0
