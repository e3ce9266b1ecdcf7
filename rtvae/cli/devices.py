"""`rtvae devices`: what there is to play on, to turn, and to show values on."""

import argparse
import json
from dataclasses import asdict


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "devices", description="List audio devices and MIDI ports, by the names that play takes."
    )
    parser.add_argument("--json", action="store_true", help="for programs")


def run(args: argparse.Namespace) -> int:
    """List them."""
    from rtvae.cli.columns import columns
    from rtvae.host.devices import survey
    from rtvae.io.midi_port import input_names, output_names
    from rtvae.io.midi_port_names import stable_names

    found = survey()
    heard, shown = stable_names(input_names()), stable_names(output_names())
    if args.json:
        audio = [asdict(device) for device in found.devices]
        midi = {"midi": heard, "midi_outputs": shown}
        print(json.dumps({"audio": audio, "problem": found.problem, **midi}, indent=2))
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
    for ports, direction in ((heard, "inputs"), (shown, "outputs")):
        print(f"MIDI {direction}" if ports else f"No MIDI {direction}.")
        if ports:
            print(columns([(name,) for name in ports], "  "))
    return 0
