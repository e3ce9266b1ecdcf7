"""`rtvae devices`: what there is to play on, to turn, and to show values on."""

import argparse
import json
import sys
from dataclasses import asdict


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "devices", description="List audio devices and MIDI ports, by the names that play takes."
    )
    parser.add_argument("--json", action="store_true", help="for programs")


def run(args: argparse.Namespace) -> int:
    """List them."""
    from rtvae import paths
    from rtvae.cli.columns import columns
    from rtvae.control.controller_maps import find_map
    from rtvae.host.devices import survey
    from rtvae.host.midi_maps import load_maps
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
    maps, faults = load_maps(paths.home() / "presets", paths.config_dir())
    for fault in faults:
        print(fault, file=sys.stderr)
    known = [find_map(name, maps) for name in heard]
    names = [f"map: {each.name}" if each is not None else "" for each in known]
    print("MIDI inputs" if heard else "No MIDI inputs.")
    if heard:
        print(columns(list(zip(heard, names, strict=True)), "  "))
    print("MIDI outputs" if shown else "No MIDI outputs.")
    if shown:
        print(columns([(name,) for name in shown], "  "))
    return 0
