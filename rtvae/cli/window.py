"""`rtvae window`: open the window of a session that plays."""

import argparse
import os

DESCRIPTION = """\
Open the window of the session that plays, on this screen: after it was closed and the sound went
on, after it died too often, or for a session that was started without one. A window that is open
comes to the front.
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "window", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "session",
        nargs="?",
        type=int,
        metavar="NUMBER",
        help="process number of its rtvae play, where several play",
    )


def run(args: argparse.Namespace) -> int:
    """Call for the window."""
    from rtvae.errors import UsageError
    from rtvae.host.play import has_screen
    from rtvae.host.window_call import call, choose, running_sessions

    if not has_screen():
        raise UsageError("There is no screen here to open the window on; use a desktop's terminal.")
    call(choose(running_sessions(), args.session), os.environ)
    return 0
