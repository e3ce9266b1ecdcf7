"""`python -m rtvae.window SESSION_FOLDER`: how the host starts the window."""

import sys

from rtvae.window.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
