"""The command line: finds the command, runs it, turns every fault into one sentence.

Only the module of the command that was asked for is imported. A fault of ours becomes one
sentence on stderr and an exit status; anything unforeseen is written down whole in the user's
cache and named in one sentence too.
"""

import argparse
import importlib
import os
import re
import sys
import time
import traceback
from collections.abc import Sequence
from typing import NoReturn

import rtvae
from rtvae.errors import RtvaeError, SetupError, UsageError

DESCRIPTION = "Neural audio models as live instruments."
COMMANDS = {
    "play": "play a model live",
    "window": "open the window of the session that plays",
    "render": "send a sound file through a model",
    "devices": "list audio devices and MIDI ports",
    "models": "list the models there are",
    "presets": "list the presets and set lists there are",
    "inspect": "show what is known of a model",
    "advise": "measure which block size suits a model on this machine",
    "verify": "prove that a model is sound and runs right here",
    "train": "train a model on a folder of recordings",
    "export": "turn a trained model into one that plays",
    "survey": "give a model a map and a prior of what it was trained on",
    "evaluate": "measure how close a model comes to its input",
    "latency": "measure the latency against what is reported",
    "bench": "measure what a model costs per block",
}
# Packages of the extras: what is missing says which extra is.
EXTRAS = {"torch": "train", "safetensors": "train", "lightning_fabric": "train"}
# What argparse says in Python's words, and the same in the player's.
PLAIN_WORDS = {
    r"invalid int value: (.*)": r"\1 is no whole number",
    r"invalid float value: (.*)": r"\1 is no number",
}
INTERRUPTED = 130


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one sentence too."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError instead of printing the usage."""
        for said, plain in PLAIN_WORDS.items():
            message = re.sub(said, plain, message)
        raise UsageError(f"{message[:1].upper()}{message[1:]}; see {self.prog} --help.")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(arguments)
    except RtvaeError as error:
        return _complain(error)
    except BrokenPipeError:
        # Whoever read our output has gone (`rtvae models | head`); say nothing more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        missing = (getattr(error, "name", None) or "").partition(".")[0]
        if isinstance(error, ImportError) and missing in EXTRAS:
            extra = EXTRAS[missing]
            return _complain(
                SetupError(
                    f"`rtvae {arguments[0]}` needs {missing}, which is not installed; "
                    f"install the {extra} extra: pip install -e '.[{extra}]'."
                )
            )
        print(f"rtvae: {_write_down(error)}", file=sys.stderr)
        return 1


def _run(arguments: list[str]) -> int:
    parser = Parser(prog="rtvae", description=DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"rtvae {rtvae.__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", title="commands", required=True)
    chosen = next((word for word in arguments if not word.startswith("-")), "")
    module = None
    for name, summary in COMMANDS.items():
        if name == chosen:
            module = importlib.import_module(f"rtvae.cli.{name}")
            module.add_parser(commands)
        else:
            commands.add_parser(name, help=summary)
    if not arguments:
        parser.print_help()
        return 0
    parsed, unknown = parser.parse_known_args(arguments)
    if unknown:
        raise UsageError(
            f"rtvae {chosen} does not take {' '.join(unknown)}; rtvae {chosen} --help says what it "
            "takes."
        )
    return int(module.run(parsed)) if module is not None else 0


def _complain(error: RtvaeError) -> int:
    print(f"rtvae: {error}", file=sys.stderr)
    return error.exit_status


def _write_down(error: Exception) -> str:
    """Keep an unforeseen fault's traceback for a report; return the sentence that says where."""
    from rtvae.model.cache import private_folder

    what = f"internal error ({type(error).__name__})"
    try:
        file = private_folder("log") / f"fault-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
        command = f"rtvae {rtvae.__version__}: {sys.argv[1:]}"
        file.write_text(f"{command}\n{''.join(traceback.format_exception(error))}", "utf-8")
    except OSError:
        return f"{what}, and the report of it could not be written; please say what you did."
    return f"{what}; please send the report that lies in {file}."
