"""`rtvae presets`: the presets and set lists there are, each one checked."""

import argparse
import json

DESCRIPTION = """\
List the presets and set lists that play takes by name, and check each of them.

The exit status is 1 if one of them cannot be used.
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "presets", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="for programs")


def run(args: argparse.Namespace) -> int:
    """List them."""
    from rtvae.cli.columns import columns
    from rtvae.host.places import Places, survey
    from rtvae.host.preset_files import own_folders
    from rtvae.paths import models_dir, presets_dir

    places = Places(models_dir(), presets_dir(), own_folders())
    found = survey(places)
    if args.json:
        print(json.dumps([entry.facts() for entry in found], indent=2))
    else:
        print(f"Presets and set lists in {places.presets} and {' and '.join(map(str, places.own))}")
        rows = [(entry.name, entry.kind, entry.fault or entry.about) for entry in found]
        print(columns(rows, "  "))
    return 1 if any(entry.fault for entry in found) else 0
