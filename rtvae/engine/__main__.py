"""Starts the engine process: `python -m rtvae.engine SESSION_FOLDER`."""

import contextlib
import os
import sys

from rtvae.errors import RtvaeError


def _run() -> int:
    try:
        from rtvae.engine.main import main
    except RtvaeError as error:  # the installation itself is at fault
        from rtvae.engine.messages import failed

        print(failed(error))
        return error.exit_status
    return main(sys.argv[1:])


if __name__ == "__main__":
    status = _run()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # whoever listened may be gone
            stream.flush()
    # PortAudio's own exit handler hangs for ever when the audio server is gone.
    os._exit(status)
