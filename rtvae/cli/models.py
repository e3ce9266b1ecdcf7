"""`rtvae models`: the models there are."""

import argparse
import json


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("models", description="List the models that play takes by name.")
    parser.add_argument("--json", action="store_true", help="for programs")


def run(args: argparse.Namespace) -> int:
    """List them."""
    from rtvae.cli.columns import columns
    from rtvae.model.library import DEFAULT_MODEL, list_models
    from rtvae.paths import models_dir

    folder = models_dir()
    entries = list_models(folder)
    if args.json:
        listed = [
            {
                "name": entry.name,
                "path": str(entry.path),
                "title": entry.card.title if entry.card else None,
                "licence": entry.card.licence if entry.card else None,
                "fault": entry.fault or None,
                "default": entry.name == DEFAULT_MODEL,
            }
            for entry in entries
        ]
        print(json.dumps(listed, indent=2))
        return 0
    if not entries:
        print(f"No models in {folder}.")
        return 0
    rows = [
        (
            entry.name + ("*" if entry.name == DEFAULT_MODEL else ""),
            f"{entry.card.latent_count} latents" if entry.card else "unusable",
            entry.card.title if entry.card else entry.fault,
        )
        for entry in entries
    ]
    print(f"Models in {folder} (* default)")
    print(columns(rows, "  "))
    return 0
