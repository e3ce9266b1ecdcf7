"""Preparing recordings: check every file, choose what is held out, write all as mono int16.

    files -> check (one look at each) -> choice -> convert -> KEY.int16 + KEY.json

A journal says what is done: after a kill the next call goes on with the file it was at. Sound
flows through in pieces, so that hours of it need no more memory than minutes.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from rtvae.dsp.sound_check import SoundCheck, SoundFacts
from rtvae.errors import AudioFileError, CorpusError
from rtvae.io.audio_file import AudioReader, RateConverter
from rtvae.training.corpus_words import Checked, cancels, reason_to_leave_out, summary
from rtvae.training.judging import judging_files, tail_seconds

PIECE_FRAMES = 1 << 18
LOUDEST = 0.999
FULL_SCALE = 32767.0
SPARE_BYTES = 16_000_000
PROGRESS_STEPS = 10
NEVER = 1 << 62


@dataclass(frozen=True)
class Part:
    """A stretch of one file in the prepared sound, `frames` long."""

    name: str
    frames: int


class Preparation:
    """Prepares `paths` (all under `folder`) as `cache`/`key`.int16 and .json."""

    def __init__(
        self, folder: Path, paths: list[Path], cache: Path, key: str, sample_rate_hz: int
    ) -> None:
        self._folder, self._paths, self._rate_hz = folder, paths, sample_rate_hz
        self._facts = cache / f"{key}.json"
        self._sound = cache / f"{key}.int16"
        self._learn = cache / f"{key}.learn.part"
        self._judge = cache / f"{key}.judge.part"
        self._journal = cache / f"{key}.journal.part"

    def run(self, foreign: Iterable[str], say: Callable[[str], None]) -> None:
        """Do what is still to be done. Raises CorpusError where the disk is full."""
        try:
            self._facts.parent.mkdir(parents=True, exist_ok=True)
            notes = _read_journal(self._journal)
            checked = self._check(notes, say)
            kept, parts = self._convert(checked, notes, say)
            self._finish(kept, parts, list(foreign))
        except OSError as error:
            self._remove_drafts()
            raise CorpusError(
                f"The prepared recordings cannot be written to {self._facts.parent} "
                f"({error.strerror}); free some space or choose another --run folder."
            ) from error

    def _check(self, notes: list[dict[str, Any]], say: Callable[[str], None]) -> list[Checked]:
        known = [note["checked"] for note in notes if "checked" in note]
        checked = [
            Checked(note["name"], note["facts"] and SoundFacts(**note["facts"]), note["left_out"])
            for note in known
        ]
        digests = {file.facts.digest: file.name for file in checked if file.facts is not None}
        progress = _Progress("checking the recordings", self._paths, say)
        with open(self._journal, "a", encoding="utf-8") as journal:
            for place, path in enumerate(self._paths):
                if place >= len(checked):
                    file = _check_file(path, str(path.relative_to(self._folder)), digests)
                    checked.append(file)
                    _note(journal, {"checked": asdict(file)})
                progress.passed(path)
        return checked

    def _convert(
        self, checked: list[Checked], notes: list[dict[str, Any]], say: Callable[[str], None]
    ) -> tuple[list[Checked], dict[str, list[Part]]]:
        self._check_space(checked)
        cuts = self._cuts(checked)
        done = [note["written"] for note in notes if "written" in note]
        parts = {
            side: [Part(**part) for note in done for part in note[side]]
            for side in ("learn", "judge")
        }
        unreadable = {note["name"]: note["fault"] for note in done if note["fault"]}
        progress = _Progress("preparing them", self._paths, say)
        with ExitStack() as stack:
            journal = stack.enter_context(open(self._journal, "a", encoding="utf-8"))
            learn = stack.enter_context(_opened(self._learn, parts["learn"]))
            judge = stack.enter_context(_opened(self._judge, parts["judge"]))
            for place, (path, file) in enumerate(zip(self._paths, checked, strict=True)):
                if place >= len(done):
                    note = self._convert_file(path, file, cuts[place], learn, judge)
                    for side, made in (("learn", learn), ("judge", judge)):
                        parts[side] += [Part(**part) for part in note[side]]
                        made.flush()
                    if note["fault"]:
                        unreadable[file.name] = note["fault"]
                    _note(journal, {"written": note})
                progress.passed(path)
        kept = [
            Checked(f.name, f.facts, unreadable[f.name]) if f.name in unreadable else f
            for f in checked
        ]
        return kept, parts

    def _convert_file(
        self, path: Path, file: Checked, cut: int, learn: IO[bytes], judge: IO[bytes]
    ) -> dict[str, Any]:
        """Append one file: its frames before `cut` to `learn`, the others to `judge`."""
        note: dict[str, Any] = {"name": file.name, "learn": [], "judge": [], "fault": ""}
        if file.left_out or file.facts is None:
            return note
        starts = learn.tell(), judge.tell()
        at = 0
        try:
            for pcm in _mono_pieces(path, file.facts, self._rate_hz):
                before = max(0, min(pcm.shape[0], cut - at))
                learn.write(pcm[:before].tobytes())
                judge.write(pcm[before:].tobytes())
                at += pcm.shape[0]
        except AudioFileError as error:
            # It could be read a moment ago: it vanished or changed meanwhile.
            note["fault"] = _unreadable(error, path)
        for side, made, start in zip(("learn", "judge"), (learn, judge), starts, strict=True):
            if note["fault"]:
                made.seek(start)
                made.truncate()
            elif made.tell() > start:
                note[side] = [{"name": file.name, "frames": (made.tell() - start) // 2}]
        return note

    def _cuts(self, checked: list[Checked]) -> list[int]:
        """Return for each file the frame from which on it is held out."""
        used = [k for k, file in enumerate(checked) if not file.left_out]
        names = [checked[k].name for k in used]
        seconds = [file.facts.seconds for k in used if (file := checked[k]).facts is not None]
        whole = {used[k] for k in judging_files(names, seconds)}
        if whole:
            return [0 if k in whole else NEVER for k in range(len(checked))]
        cuts = [NEVER] * len(checked)
        for k, length in zip(used, seconds, strict=True):
            cuts[k] = round((length - tail_seconds(length, sum(seconds))) * self._rate_hz)
        return cuts

    def _check_space(self, checked: list[Checked]) -> None:
        seconds = sum(f.facts.seconds for f in checked if f.facts is not None and not f.left_out)
        there = sum(p.stat().st_size for p in (self._learn, self._judge) if p.exists())
        needed = 2 * seconds * self._rate_hz * 1.1 + SPARE_BYTES - there
        free = shutil.disk_usage(self._facts.parent).free
        if needed > free:
            raise CorpusError(
                f"Preparing the recordings takes {needed / 1e6:.0f} MB in {self._facts.parent}, "
                f"where {free / 1e6:.0f} MB are free; free some space or choose another --run "
                "folder."
            )

    def _finish(
        self, checked: list[Checked], parts: dict[str, list[Part]], foreign: list[str]
    ) -> None:
        with open(self._learn, "ab") as whole, open(self._judge, "rb") as rest:
            shutil.copyfileobj(rest, whole, PIECE_FRAMES)
            whole.flush()
            os.fsync(whole.fileno())
        os.replace(self._learn, self._sound)
        lengths = [part.frames for part in parts["learn"] + parts["judge"]]
        draft = self._facts.with_suffix(".json.part")
        draft.write_text(
            json.dumps(
                {
                    "folder": str(self._folder.resolve()),
                    "files": sum(not file.left_out for file in checked),
                    "left_out": [f"{f.name}: {f.left_out}" for f in checked if f.left_out],
                    "names": [part.name for part in parts["learn"] + parts["judge"]],
                    "starts": list(accumulate(lengths, initial=0))[:-1],
                    "learn_frames": sum(part.frames for part in parts["learn"]),
                    "summary": summary(checked, foreign, self._rate_hz),
                }
            ),
            encoding="utf-8",
        )
        os.replace(draft, self._facts)
        self._remove_drafts()

    def _remove_drafts(self) -> None:
        for draft in (self._learn, self._judge, self._journal):
            draft.unlink(missing_ok=True)


class _Progress:
    """Says how far a pass is at every tenth of the bytes, where that takes a while at all."""

    def __init__(self, doing: str, paths: list[Path], say: Callable[[str], None]) -> None:
        self._doing, self._say = doing, say
        self._total = sum(map(_size, paths))
        self._passed, self._said = 0, 0

    def passed(self, path: Path) -> None:
        """Take note of a file that is behind us."""
        self._passed += _size(path)
        step = PROGRESS_STEPS * self._passed // max(self._total, 1)
        if step > self._said and self._total > 100_000_000:
            self._said = step
            self._say(f"{self._doing}: {100 * step // PROGRESS_STEPS} %")


def _check_file(path: Path, name: str, digests: dict[str, str]) -> Checked:
    """Look through one file; `digests` remembers the contents that were there before."""
    try:
        with AudioReader(path) as reader:
            check = SoundCheck(reader.sample_rate_hz, reader.channels)
            for piece in reader.pieces(PIECE_FRAMES):
                check.add(piece)
    except AudioFileError as error:
        return Checked(name, None, _unreadable(error, path))
    facts = check.facts()
    reason = reason_to_leave_out(facts)
    if not reason and facts.digest in digests:
        reason = f"the same sound as another: {digests[facts.digest]}"
    digests.setdefault(facts.digest, name)
    return Checked(name, facts, reason)


def _mono_pieces(path: Path, facts: SoundFacts, rate_hz: int) -> Iterable[NDArray[np.int16]]:
    gain = FULL_SCALE * min(1.0, LOUDEST / facts.peak)
    with AudioReader(path) as reader:
        converter = RateConverter(reader.sample_rate_hz, rate_hz)
        for piece in reader.pieces(PIECE_FRAMES):
            one = piece[:, 0] if cancels(facts) else piece.mean(1, dtype=np.float32)
            yield _pcm(converter.convert(np.ascontiguousarray(one)), gain)
        yield _pcm(converter.finish(), gain)


def _pcm(sound: NDArray[np.float32], gain: float) -> NDArray[np.int16]:
    return np.clip(np.round(sound * gain), -32768, 32767).astype(np.int16)


def _unreadable(error: AudioFileError, path: Path) -> str:
    """The cause alone: the name is told beside it, and the remedy is the same for all."""
    cause = str(error).removeprefix(f"{path} ").removeprefix("is ").partition(";")[0]
    _, found, reason = cause.partition("(")
    return f"cannot be read: {reason.rstrip(')') if found else cause}"


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0


def _opened(path: Path, parts: list[Part]) -> IO[bytes]:
    """Open a draft at the end of the parts that the journal knows."""
    file = open(path, "r+b" if path.exists() else "w+b")
    file.truncate(2 * sum(part.frames for part in parts))
    file.seek(0, os.SEEK_END)
    return file


def _note(journal: IO[str], note: dict[str, Any]) -> None:
    journal.write(json.dumps(note) + "\n")
    journal.flush()


def _read_journal(path: Path) -> list[dict[str, Any]]:
    """Return the notes of an earlier call; a last line cut short by a kill is dropped."""
    if not path.exists():
        return []
    whole = path.read_bytes()
    whole = whole[: whole.rfind(b"\n") + 1]
    with open(path, "r+b") as file:
        file.truncate(len(whole))
    return [json.loads(line) for line in whole.splitlines()]
