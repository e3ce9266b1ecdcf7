"""Synthesise a training corpus from one seed: voices, strings, drums, or something of everything.

    python tools/make_corpus.py OUT --recipe general --minutes 80 --seed 1

OUT/{train,validation,test}/KIND/*.flac (48 kHz, mono) and OUT/corpus.json, which tells what keeps
the splits apart, and the version and licence of every package the sounds come from. Recipes and
their kinds are in corpus/recipes.py; the Debian packages they need are named when they are missing,
and --only makes do with some kinds (speech,music,drums,noises of `general` need the fewest).
"""

from __future__ import annotations

import argparse
import errno
import io
import json
import os
import shutil
import subprocess
import sys
import zlib
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from corpus import noises, packages
from corpus.errors import CorpusError
from corpus.part import SAMPLE_RATE_HZ, Part
from corpus.recipes import RECIPES, Kind, Recipe
from corpus.recording import record

SHORTEST_S, LONGEST_S = 6.0, 12.0
CLIPS_PER_BATCH = 10  # one fluidsynth run each: loading the soundfont is the dear part
WRITE_FRAMES = 48_000  # libsndfile's lossy encoders take long writes badly
SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class Encoding:
    """How clips are stored; bytes_per_second is an estimate from above for the disk check."""

    suffix: str
    format: str
    subtype: str
    compression: float | None
    bytes_per_second: int


@dataclass(frozen=True)
class Clip:
    """One file: what sounds in it (one part, or two for a duet) and where it goes."""

    split: str
    kind: str
    name: str
    parts: tuple[Part, ...]


ENCODINGS = {
    "flac": Encoding("flac", "FLAC", "PCM_16", None, 80_000),
    "wav": Encoding("wav", "WAV", "PCM_16", None, 96_000),
    "ogg": Encoding("ogg", "OGG", "VORBIS", 0.6, 16_000),
    "opus": Encoding("opus", "OGG", "OPUS", 0.67, 16_000),
}


def plan(minutes: float, seed: int, recipe: Recipe) -> list[Clip]:
    """Every clip of the corpus: at least one of each kind in each split that has sources for it.

    `minutes` counts the train split. Sources are dealt like cards, so that all are heard.
    """
    clips: list[Clip] = []
    for split_number, split in enumerate(SPLITS):
        kinds = {name: kind for name, kind in recipe.kinds.items() if kind.sources(split)}
        total = sum(kind.share for kind in kinds.values())
        for name, kind in kinds.items():
            place = (seed, zlib.crc32(name.encode()), split_number)
            generator = np.random.default_rng(place)
            left_s = minutes * 60 * recipe.lengths[split] * kind.share / total
            deck: list[str] = []
            index = 0
            while index == 0 or left_s > SHORTEST_S / 2:
                seconds = round(float(generator.uniform(SHORTEST_S, LONGEST_S)), 2)
                is_duet = generator.random() < kind.duet_share
                parts = []
                for voice in range(2 if is_duet else 1):
                    if not deck:
                        deck = [str(card) for card in generator.permutation(kind.sources(split))]
                    parts.append(Part(deck.pop(), seconds, (*place, index, voice)))
                clips.append(Clip(split, name, f"{name}-{index:05d}", tuple(parts)))
                left_s -= seconds
                index += 1
    return clips


def batches(clips: list[Clip]) -> list[list[Clip]]:
    """Runs of clips of one kind and split, at most CLIPS_PER_BATCH long."""
    groups: dict[tuple[str, str], list[Clip]] = {}
    for clip in clips:
        groups.setdefault((clip.split, clip.kind), []).append(clip)
    return [
        group[first : first + CLIPS_PER_BATCH]
        for group in groups.values()
        for first in range(0, len(group), CLIPS_PER_BATCH)
    ]


def store(path: Path, signal: npt.NDArray[np.float64], encoding: Encoding) -> None:
    """Write one clip (mono, 48 kHz, within +-1).

    Encoded in memory first: libsndfile does not always say that a disk is full, the system does.
    """
    encoded = io.BytesIO()
    with soundfile.SoundFile(
        encoded,
        "w",
        samplerate=SAMPLE_RATE_HZ,
        channels=1,
        format=encoding.format,
        subtype=encoding.subtype,
        compression_level=encoding.compression,
    ) as file:
        for first in range(0, signal.size, WRITE_FRAMES):
            file.write(signal[first : first + WRITE_FRAMES].astype(np.float32))
    path.write_bytes(encoded.getvalue())


def make_batch(
    batch: list[Clip], kind: Kind, out: Path, encoding: Encoding
) -> list[dict[str, object]]:
    """Render, record and store clips of one kind; returns their manifest entries."""
    sounds = iter(kind.render([part for clip in batch for part in clip.parts]))
    entries: list[dict[str, object]] = []
    for clip in batch:
        generator = np.random.default_rng((*clip.parts[0].key, 1))
        mixed = np.zeros(clip.parts[0].frames)
        for _ in clip.parts:
            sound = next(sounds)
            mixed += generator.uniform(0.4, 1) * sound / max(1e-9, np.abs(sound).max())
        limit_db = noises.peak_limit_db(clip.parts[0].source) if clip.kind == "noises" else -1.0
        signal = record(generator, mixed, kind.chain, peak_limit_db=limit_db)
        path = out / clip.split / clip.kind / f"{clip.name}.{encoding.suffix}"
        store(path, signal, encoding)
        entries.append(
            {
                "file": path.relative_to(out).as_posix(),
                "split": clip.split,
                "kind": clip.kind,
                "sources": [part.source for part in clip.parts],
                "seconds": round(signal.size / SAMPLE_RATE_HZ, 3),
            }
        )
    return entries


def check(out: Path, needed: set[str], seconds: float, encoding: Encoding) -> None:
    """Refuse early, in one sentence, what would fail later.

    Raises CorpusError for a missing package, an OUT with files in it, or too little disk space.
    """
    missing = packages.missing(needed)
    if missing:
        names = " ".join(missing)
        raise CorpusError(f"Missing {names}: install it with `apt install {names}`.")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise CorpusError(f"{out} is not an empty folder: name a new one, or empty it first.")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CorpusError(
            f"Cannot create {out} ({error.strerror}): name another folder."
        ) from error
    room_mb = shutil.disk_usage(out).free / 1e6
    wanted_mb = seconds * encoding.bytes_per_second / 1e6
    if room_mb < wanted_mb:
        raise CorpusError(
            f"{out} has {room_mb:.0f} MB free but the corpus may take {wanted_mb:.0f} MB: "
            "free some space, or ask for fewer --minutes."
        )


def tool_versions(needed: set[str]) -> dict[str, str]:
    """First line that each tool in use says of itself."""
    versions = {"numpy": np.__version__, "soundfile": soundfile.__version__}
    versions["libsndfile"] = soundfile.__libsndfile_version__
    for tool in sorted(needed & {"espeak-ng", "fluidsynth"}):
        done = subprocess.run([tool, "--version"], capture_output=True, check=True)
        versions[tool] = done.stdout.decode(errors="replace").strip().partition("\n")[0]
    return versions


def _work(
    clips: list[Clip], recipe: Recipe, out: Path, encodings: dict[str, Encoding], jobs: int
) -> list[dict[str, object]]:
    entries: list[dict[str, object]] = []
    with ProcessPoolExecutor(max_workers=jobs) as pool:
        futures = [
            pool.submit(
                make_batch, batch, recipe.kinds[batch[0].kind], out, encodings[batch[0].split]
            )
            for batch in batches(clips)
        ]
        try:
            for future in as_completed(futures):
                entries += future.result()
                print(f"\r{len(entries)} of {len(clips)} clips", end="", flush=True)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
        finally:
            print()
    return sorted(entries, key=lambda entry: str(entry["file"]))


def make_corpus(
    out: Path,
    recipe_name: str,
    kinds: list[str],
    *,
    minutes: float,
    seed: int,
    format_name: str,
    jobs: int,
) -> None:
    """Make the whole corpus; the manifest is written last, so its presence means complete.

    Raises CorpusError for everything a user can put right.
    """
    train = ENCODINGS[format_name]
    # What is measured against must not carry a codec's own errors.
    held_out = train if format_name == "wav" else ENCODINGS["flac"]
    whole = RECIPES[recipe_name]
    recipe = replace(whole, kinds={name: whole.kinds[name] for name in kinds})
    needed = {package for kind in recipe.kinds.values() for package in kind.packages}
    clips = plan(minutes, seed, recipe)
    check(out, needed, sum(clip.parts[0].seconds for clip in clips), train)
    encodings = {split: train if split == "train" else held_out for split in SPLITS}
    try:
        for clip in clips:
            (out / clip.split / clip.kind).mkdir(parents=True, exist_ok=True)
        manifest = {
            "recipe": recipe_name,
            "kinds": kinds,
            "splits": recipe.splits,
            "seed": seed,
            "minutes": minutes,
            "format": format_name,
            "sample_rate_hz": SAMPLE_RATE_HZ,
            "tools": tool_versions(needed),
            "packages": packages.described(needed),
            "files": _work(clips, recipe, out, encodings, jobs),
        }
        unfinished = out / "corpus.json.part"
        unfinished.write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        os.replace(unfinished, out / "corpus.json")
    except subprocess.CalledProcessError as error:
        last = (error.stderr or b"").decode(errors="replace").strip().splitlines()[-1:]
        raise CorpusError(
            f"{error.cmd[0]} failed ({' '.join(last) or error.returncode}): "
            f"check that it runs by itself, then empty {out} and start again."
        ) from error
    except OSError as error:
        cause = "the disk is full" if error.errno == errno.ENOSPC else str(error)
        raise CorpusError(
            f"Could not write to {out} ({cause}): make room, empty the folder and start again."
        ) from error
    except BrokenProcessPool as error:
        raise CorpusError(
            f"A worker process was killed, perhaps for memory: empty {out} and try --jobs 1."
        ) from error


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(description="Make a training corpus (48 kHz, mono).")
    parser.add_argument("out", type=Path, metavar="OUT", help="a new or empty folder")
    parser.add_argument("--recipe", choices=RECIPES, default="general", help="what it is for")
    parser.add_argument("--minutes", type=float, default=80.0, help="length of the train split")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--format", choices=ENCODINGS, default="flac", help="of the train split")
    parser.add_argument("--only", default="", help="kinds of the recipe, joined by commas")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    options = parser.parse_args(arguments)
    known = list(RECIPES[options.recipe].kinds)
    asked = options.only.split(",") if options.only else known
    kinds = [name for name in known if name in asked]
    if set(asked) - set(known):
        parser.error(f"--only takes some of {','.join(known)}")
    if not 0 < options.minutes <= 10_000 or options.seed < 0 or options.jobs < 1:
        parser.error("--minutes must be in 0..10000, --seed at least 0 and --jobs at least 1")
    try:
        make_corpus(
            options.out,
            options.recipe,
            kinds,
            minutes=options.minutes,
            seed=options.seed,
            format_name=options.format,
            jobs=options.jobs,
        )
    except CorpusError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            f"Interrupted: {options.out} is incomplete, empty it to start again.", file=sys.stderr
        )
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
