"""Which recordings a model is judged by and never learns from: whole files where there are enough.

The choice hangs on names and lengths alone, so that a run that goes on judges by the same ones.
"""

import hashlib
from collections.abc import Sequence

JUDGED_SHARE = 0.05
MOST_SHARE = 0.12
LEAST_FILES = 4
LEAST_SECONDS = 5.0
MOST_TAIL_SHARE = 0.15


def judging_files(names: Sequence[str], seconds: Sequence[float]) -> frozenset[int]:
    """Return the places of the files to hold out, about 5 percent of the sound.

    Empty where no few whole files make up a fitting share: fewer than four files, or most of it
    in one. Then every file gives its end, see `tail_seconds`.
    """
    total = sum(seconds)
    wanted = max(JUDGED_SHARE * total, min(LEAST_SECONDS, 0.1 * total))
    chosen: set[int] = set()
    held = 0.0
    if len(names) < LEAST_FILES:
        return frozenset()
    for place in sorted(range(len(names)), key=lambda k: (_lot(names[k]), names[k])):
        if held >= wanted:
            break
        if held + seconds[place] <= MOST_SHARE * total:
            chosen.add(place)
            held += seconds[place]
    return frozenset(chosen) if held >= 0.5 * wanted else frozenset()


def tail_seconds(seconds: float, total: float) -> float:
    """Return how much of a file's end is held out where whole files cannot be."""
    least = min(LEAST_SECONDS * seconds / total, MOST_TAIL_SHARE * seconds)
    return max(JUDGED_SHARE * seconds, least)


def _lot(name: str) -> str:
    """A lot that a name always draws; sorted names would hold out one kind of sound."""
    return hashlib.sha256(name.encode()).hexdigest()
