"""`rtvae verify MODEL`: admission, the golden sample and a hard trial, on this machine."""

import argparse
import json

from rtvae.errors import ModelError


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "verify",
        description="Prove that a model's files are what its card says, that its graphs hold only "
        "what is allowed, and that it plays its golden sample right on this machine.",
    )
    parser.add_argument("model", help="name or path")
    parser.add_argument("--json", action="store_true", help="for programs")


def run(args: argparse.Namespace) -> int:
    """Verify and say passed; raise ModelError where it is not."""
    from rtvae.model.admit import admit
    from rtvae.model.library import find_model
    from rtvae.model.ort import prepare_process
    from rtvae.model.trial import try_vae, try_window
    from rtvae.paths import models_dir

    path = find_model(args.model, models_dir())
    try:
        admitted = admit(path)
        card, folder = admitted.card, admitted.folder
        prepare_process()
        try:
            if card.kind == "stateless":
                graph = next(name for name in card.files if name.endswith(".onnx"))
                try_window(folder / graph, card.window_frames)
            else:
                try_vae(folder, card)
        except ModelError as error:
            raise ModelError(
                f"The model {card.name} failed: {error}; get or export it again."
            ) from error
    except ModelError as error:
        if args.json:
            print(json.dumps({"model": args.model, "passed": False, "reason": str(error)}))
        raise
    if args.json:
        print(json.dumps({"model": card.name, "passed": True, "reason": None}))
    else:
        print(f"Passed: {card.name} is whole, allowed, and plays right on this machine.")
    return 0
