"""`python -m rtvae`: the same as the command `rtvae`.

The main path, for who wants to read it:

    rtvae/cli/play.py            the command line of `rtvae play`
    rtvae/host/play.py           what to play is found out; a session is made
    rtvae/host/live_session.py   the loop that looks after engine, window and terminal
    rtvae/host/supervisor.py     starts the engine, starts it again when it dies
    rtvae/engine/main.py         the engine process: loads the model, opens the device
    rtvae/engine/block_path.py   one block: input, encoder, knobs, decoder, mix, guard, output
    rtvae/link/                  the memory in which these processes meet
    rtvae/window/main.py         the window process, which only looks and asks
"""

import sys

from rtvae.cli import main

if __name__ == "__main__":
    sys.exit(main())
