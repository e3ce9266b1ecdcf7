"""The table "reported against measured" of docs/latency.md, on JACK servers of its own.

    python tools/bench/latency_table.py [--freewheel] [MODEL ...]

For each device period a `jackd -d dummy` is started, our output connected to our input inside it,
and `rtvae latency --sweep` run: every hop, direct and buffered, in real time. MODELs are measured
at 128 frames as well. `--freewheel` is for machines too busy for real time. Needs jackd.
"""

import argparse
import contextlib
import dataclasses
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from rtvae.latency.lab import Measurement  # noqa: E402
from rtvae.latency.report import TABLE_HEAD, table_row  # noqa: E402

SERVER = "rtvae-latency-table"
PERIODS = (32, 64, 128, 256)
STAGE_PERIOD = 128
PATIENCE_S = 20.0


@contextlib.contextmanager
def server(period: int, *options: str) -> Iterator[dict[str, str]]:
    """A JACK server without a sound card; gives the environment in which clients find it."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "JACK_DEFAULT_SERVER": SERVER,
        "JACK_NO_AUDIO_RESERVATION": "1",
        "JACK_NO_START_SERVER": "1",
    }
    command = ["jackd", "-n", SERVER, "--no-realtime", *options, "-d", "dummy"]
    with subprocess.Popen(
        [*command, "-r", "48000", "-p", str(period)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as running:
        try:
            deadline = time.monotonic() + PATIENCE_S
            while subprocess.run(["jack_lsp"], env=environment, capture_output=True).returncode:
                if time.monotonic() > deadline or running.poll() is not None:
                    sys.exit("The JACK server does not start; does another one run?")
                time.sleep(0.1)
            yield environment
        finally:
            running.terminate()


def lab(environment: dict[str, str], *arguments: str) -> dict[str, Any]:
    """Run `rtvae latency` and return what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "rtvae", "latency", "--json", "--patch", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def rows(told: dict[str, Any]) -> list[str]:
    """Return the rows of the table."""
    names = {field.name for field in dataclasses.fields(Measurement)}
    return [
        table_row(Measurement(**{key: value for key, value in one.items() if key in names}))
        for one in told["found"]
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables; 1 if anything reported is not what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("models", nargs="*", metavar="MODEL")
    parser.add_argument("--freewheel", action="store_true")
    args = parser.parse_args(arguments)
    if shutil.which("jackd") is None:
        sys.exit("jackd is missing; install it (Debian and Ubuntu: sudo apt install jackd2).")
    how = ("--freewheel",) if args.freewheel else ()
    every: list[dict[str, Any]] = []
    print(TABLE_HEAD)
    for period in PERIODS:
        with server(period) as environment:
            runs = [lab(environment, "--sweep", *how)]
            if period == STAGE_PERIOD:
                runs += [lab(environment, model, *how) for model in args.models]
        for told in runs:
            every += told["found"]
            print("\n".join(rows(told)), flush=True)
    print(f"\nThrough a card of two periods, at {STAGE_PERIOD} frames, as the server states it:\n")
    for name, options in (("usual", ()), ("synchronous (-S)", ("-S",))):
        with server(STAGE_PERIOD, *options) as environment:
            told = lab(environment, "--hop", str(STAGE_PERIOD), "--pairs", "1", *how)
        frames = told["device_frames_as_opened"]
        print(f"- {name}: {frames} frames = {frames / 48:.2f} ms")
    return 0 if all(one["true"] for one in every) else 1


if __name__ == "__main__":
    raise SystemExit(main())
