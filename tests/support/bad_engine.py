"""An engine process with models that misbehave: `python -m tests.support.bad_engine FOLDER`.

The name of the model that it is told to play says what happens. While it plays `hangs` stands
still for ever and `dies` kills the process; `deadly` kills it as soon as it is loaded; `slow` takes
four times as long as it may; `fine` plays.
"""

import ctypes
import sys
import time
from pathlib import Path

from rtvae.engine.desk import Outbox
from rtvae.engine.main import Parts, serve
from rtvae.engine.messages import event, failed
from rtvae.errors import RtvaeError
from rtvae.model.live import LiveModel
from tests.support.fake_model import Audio, ScriptedModel

FATAL_S = 0.5  # of sound


def _crash() -> None:
    ctypes.string_at(0)


def load(path: Path) -> LiveModel:
    """Make the model that a name stands for."""
    if path.name == "deadly":
        _crash()

    heard_hops = 0

    def spoil(hop: int, audio: Audio) -> None:
        # Before it plays it is only tried with silence.
        nonlocal heard_hops
        heard_hops += bool(audio.any())
        fatal = heard_hops > FATAL_S * 48_000 / 64
        if fatal and path.name == "hangs":
            time.sleep(1000.0)
        if path.name == "slow":
            time.sleep(4 * 64 / 48_000)
        if fatal and path.name == "dies":
            _crash()

    return ScriptedModel(spoil=spoil, gain=0.5)


def main() -> int:
    outbox = Outbox(sys.stdout)
    try:
        serve(Path(sys.argv[1]), iter(sys.stdin.readline, ""), outbox, Parts(load=load))
    except RtvaeError as error:
        outbox.send(failed(error))
        return error.exit_status
    outbox.send(event("ended"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
