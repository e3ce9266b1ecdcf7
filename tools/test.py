"""Sets up everything, then checks and tests: `python3 tools/test.py [arguments of pytest]`."""

from __future__ import annotations

import os
import subprocess
import sys

from bootstrap import PROJECT, Setup, main, prepare
from progress import say
from system_packages import SCREEN, SOUND, TESTS, TESTS_LATER

# Commands of the new environment. The tests come last, so that their summary does.
CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint-imports", "--no-logo"),
    ("pytest",),
)


def test() -> int:
    on_linux = sys.platform.startswith("linux")
    required = ((*SOUND, *SCREEN, *TESTS), TESTS_LATER) if on_linux else ()
    folder = prepare(Setup(extras=("test", "train"), required=required)).parent
    # Programs of the environment are found by name, as in an activated one.
    path = os.pathsep.join([str(folder), os.environ.get("PATH", os.defpath)])

    def passes(check: tuple[str, ...]) -> bool:
        say(f"{' '.join(check)} ...")
        command = [str(folder / check[0]), *check[1:]]
        if check == CHECKS[-1]:
            command += sys.argv[1:]
        done = subprocess.run(
            command, cwd=PROJECT, env={**os.environ, "PATH": path}, stdin=subprocess.DEVNULL
        )
        return done.returncode == 0

    failed = [" ".join(check) for check in CHECKS if not passes(check)]
    if failed:
        say(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(test))
