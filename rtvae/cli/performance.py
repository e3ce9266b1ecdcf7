"""Performances on the command line: played again by `rtvae render`, shown by `rtvae inspect`."""

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rtvae.errors import ModelError, PerformanceError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rtvae.engine.replay import Replayed
    from rtvae.io.performance import Performance
    from rtvae.io.performance_facts import PlayedModel
    from rtvae.model.live import LiveModel


def play_again(
    file: Path, destination: Path | None, model: str | None, verify: bool
) -> tuple[list[str], bool]:
    """Play a performance again; return what to say and whether it is the recording.

    `destination` None takes an unused name beside the recording; with `verify` nothing is written.
    With `model`, another one plays. Raises RtvaeError.
    """
    from rtvae.engine.replay import Replay
    from rtvae.host.plan import unused_name
    from rtvae.io.performance import read_performance
    from rtvae.model.library import find_model
    from rtvae.model.load import load_model
    from rtvae.model.ort import prepare_process
    from rtvae.paths import models_dir

    performance = read_performance(file)
    prepare_process()
    library = _Library(models_dir())
    if model is None:
        replay = Replay(performance, library.load)
    else:
        path = find_model(model, models_dir())
        replay = Replay(performance, library.load, lambda: load_model(path))
        library.notes.append(_carried(performance, path))
    beside = performance.path.with_name(f"{performance.path.stem}-again.wav")
    target = None if verify else destination or unused_name(beside)
    if target is not None and target in (performance.sound, performance.path):
        raise PerformanceError(f"{target} is the performance itself; name another file.")
    done = replay.run(target)
    name = str(target or performance.path)
    rate_hz = done.sample_rate_hz
    said = [f"{name}: {done.frames / rate_hz:.2f} s"]
    if model is None:
        said[0] += f", {_compared(done)}."
        late = _concealed(performance)
        if late.shape[0]:
            said.append(
                f"Blocks that buffered inference delivered too late: {_counted(late, rate_hz)}; "
                "there a replay cannot be the recording."
            )
    else:
        said[0] += f" by {model}."
    identical = done.first_difference is None and done.frames > done.whole_frame
    if performance.ended and done.frames < performance.block_frames:
        identical = False
        said.append(
            f"{performance.sound} is not whole: it ends at {done.frames / rate_hz:.2f} s, what was "
            f"played at {performance.block_frames / rate_hz:.2f} s."
        )
    if performance.damage or not performance.ended:
        why = performance.damage or "it was broken off"
        said.append(f"The recording has no proper end ({why}); this is all there is.")
    if done.first_difference is not None:
        said += library.surveyed
    return [*said, *library.notes], identical


class _Library:
    """Finds the models of a performance by their fingerprints, and loads them."""

    def __init__(self, models_dir: Path) -> None:
        self._models_dir = models_dir
        self.notes: list[str] = []
        self.surveyed: list[str] = []

    def load(self, played: "PlayedModel", executor: str) -> "LiveModel":
        from rtvae.model.fingerprint import find_by_fingerprint, survey_print
        from rtvae.model.load import executors_here, load_model
        from rtvae.model.space import SPACE_FILE

        candidates = [Path(played.path), self._models_dir / played.name]
        path = find_by_fingerprint(played.sha256, candidates, self._models_dir)
        if path is None:
            changed = any(os.path.exists(candidate) for candidate in candidates)
            there = "the one of that name is another by now" if changed else "it is not here"
            raise ModelError(
                f"The performance was played with model {played.name} ({played.sha256[:12]}), and "
                f"{there}; put that one into {self._models_dir}, or choose another with --model."
            )
        model = load_model(path, executor if executor in executors_here() else "auto")
        if model.executor != executor:
            note = (
                f"It was recorded with the executor {executor} and played by {model.executor}: "
                "equal within rounding, not to the sample."
            )
            if note not in self.notes:
                self.notes.append(note)
        if played.survey is not None and played.survey != survey_print(model.card):
            what = "was surveyed anew since" if SPACE_FILE in model.card.files else "is gone by now"
            note = (
                f"The map of model {played.name} {what}: where the leash or the learned prior "
                "played, a replay cannot be the recording."
            )
            if note not in self.surveyed:
                self.surveyed.append(note)
        return model


def _compared(done: "Replayed") -> str:
    rate_hz = done.sample_rate_hz
    if done.frames <= done.whole_frame:
        return "too short to be compared with the recording"
    if done.first_difference is None:
        return f"identical to the recording from {done.whole_frame / rate_hz:.3f} s on"
    level_db = 20 * math.log10(max(done.largest_difference, 1e-9))
    text = (
        f"differs from the recording in {done.differing} frames, first at "
        f"{done.first_difference / rate_hz:.3f} s, by at most {level_db:.0f} dB"
    )
    if done.same_from < done.frames:
        text += f"; identical from {done.same_from / rate_hz:.3f} s on"
    return text


def _carried(performance: "Performance", path: Path) -> str:
    from rtvae.control.knob_map import describe_map, map_latents
    from rtvae.model.fingerprint import card_of

    played = performance.voices[0].model if performance.voices else None
    before = played.attributes if played is not None else ()
    after = [latent.attribute for latent in card_of(path).latents]
    return describe_map(map_latents(before, after), before, after)


def describe(performance: "Performance") -> str:
    """Return what is in a performance, as text."""
    from rtvae.cli.columns import columns

    rate_hz = performance.head.sample_rate_hz

    def time(frames: float) -> str:
        return f"{frames / rate_hz:.3f} s"

    rows: list[Sequence[object]] = [
        ("recorded", performance.head.made.replace("T", " ")),
        ("by rtvae", performance.head.rtvae),
        ("sound", str(performance.sound)),
        ("length", time(performance.block_frames)),
        ("sample rate", f"{rate_hz} Hz"),
        ("ended", performance.ended or performance.damage or "broken off"),
        ("hops of latents", _rows(performance)),
        ("turned parameters", performance.turned["frame"].shape[0]),
        ("blocks", int(performance.blocks["count"].sum())),
        ("MIDI packets", performance.midi["frame"].shape[0]),
    ]
    late = _concealed(performance)
    if late.shape[0]:
        rows.append(("blocks too late", _counted(late, rate_hz)))
    for voice in performance.voices:
        prints = [m.sha256[:12] for m in (voice.model, voice.beside) if m is not None]
        executor = f" ({voice.executor})" if prints else ""
        what = f"{voice.title}{executor}, {voice.origin}"
        rows.append((f"from {time(voice.frame)}", f"{what} {' '.join(prints)}".rstrip()))
    for gap in performance.gaps:
        rows.append((f"gap at {time(gap.frame)}", f"{time(gap.frames)}, {gap.why}"))
    return columns(rows)


def facts(performance: "Performance") -> dict[str, Any]:
    """Return what is in a performance, for programs."""
    from dataclasses import asdict

    return {
        "path": str(performance.path),
        "sound": str(performance.sound),
        "head": asdict(performance.head),
        "frames": performance.block_frames,
        "voices": [asdict(voice) for voice in performance.voices],
        "gaps": [asdict(gap) for gap in performance.gaps],
        "latent_rows": _rows(performance),
        "turned": performance.turned["frame"].shape[0],
        "concealed_frames": _concealed(performance).tolist(),
        "midi_packets": performance.midi["frame"].shape[0],
        "ended": performance.ended,
        "damage": performance.damage,
    }


def _concealed(performance: "Performance") -> "NDArray[Any]":
    """Return the frame of each block that buffered inference delivered too late."""
    from rtvae.link.layout import Mark

    turned = performance.turned
    late: NDArray[Any] = turned["frame"][turned["index"] == Mark.CONCEALED]
    return late


def _counted(frames: "NDArray[Any]", rate_hz: int) -> str:
    return f"{frames.shape[0]}, the first at {frames[0] / rate_hz:.3f} s"


def _rows(performance: "Performance") -> int:
    return sum(part["frame"].shape[0] for part in performance.latents)
