"""What the recorder has the scribe write, piece by piece; all of it runs on the scribe's thread."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rtvae.control.parameters import PARAMETER_COUNT, name_of
from rtvae.errors import ModelError, PerformanceError
from rtvae.io.performance_facts import Gap, Origin, PlayedModel, Voice
from rtvae.io.performance_writer import PerformanceWriter, minutes_free
from rtvae.link.follower import Stretch
from rtvae.model.fingerprint import card_of, fingerprint, survey_print

FOLDER = "rtvae-recordings"
LEAST_MINUTES = 1.0

Table = Mapping[str, NDArray[Any]]


class VoiceNote(NamedTuple):
    """A voice as the host knows it, in the session's frames."""

    start: Mapping[str, Any]
    facts: Mapping[str, Any]
    frame: int
    whole: int
    origin: Origin


def folder_for(target: Path | None) -> Path:
    """Return the folder of what is recorded to a file or a folder; None is the player's own."""
    if target is None:
        return Path.home() / FOLDER
    return target if os.path.isdir(target) else target.parent


def require_room(folder: Path, rate_hz: int, hop_frames: int, latents: int) -> str:
    """Return in words how long a recording fits; a folder that is not there is to be made.

    Raises PerformanceError if nothing can be written there, or hardly any fits.
    """
    while not os.path.exists(folder) and folder != folder.parent:
        folder = folder.parent
    if not os.path.isdir(folder) or not os.access(folder, os.W_OK | os.X_OK):
        raise PerformanceError(
            f"No recording can be written in {folder}: it is no folder, or closed to you; choose "
            "another place with --record."
        )
    minutes = minutes_free(folder, rate_hz, hop_frames, latents)
    if minutes < LEAST_MINUTES:
        raise PerformanceError(
            f"There is room for {60 * minutes:.0f} s of recording in {folder}; make room, or "
            "choose another place with --record."
        )
    return f"{minutes:.0f} minutes" if minutes < 120 else f"{minutes / 60:.0f} hours"


def write_voice(about: VoiceNote, shift: int, writer: PerformanceWriter) -> None:
    """Append what plays from a frame on; `shift` leads from the session's frames to the file's."""
    start, facts = about.start, about.facts
    path = None if start.get("dry") else start.get("model")

    def whole(name: str) -> int:
        return int(facts.get(name) or 0)

    writer.add_voice(
        Voice(
            frame=max(0, about.frame + shift),
            whole_frame=max(0, about.whole + shift),
            origin=about.origin,
            model=played_model(path),
            beside=played_model(start.get("blend") if path else None),
            executor=str(facts.get("executor", "")),
            block_size=whole("block_size"),
            hop_frames=whole("hop_frames"),
            latency_frames=whole("latency_frames"),
            buffer_latency_frames=whole("buffer_latency_frames"),
        )
    )


def played_model(path: str | None) -> PlayedModel | None:
    """Describe the model at a path; one that cannot be read any more has no fingerprint."""
    if path is None:
        return None
    try:
        card = card_of(Path(path))
    except ModelError:
        return PlayedModel(Path(path).name, path, "", (), ())
    return PlayedModel(
        name=card.name,
        path=path,
        sha256=fingerprint(card),
        latents=tuple(latent.name for latent in card.latents),
        attributes=tuple(latent.attribute for latent in card.latents),
        survey=survey_print(card),
    )


def write_stretch(stretch: Stretch, midi: Table, shift: int, writer: PerformanceWriter) -> None:
    """Append one stretch and the MIDI that came in it."""

    def placed(frame: NDArray[np.uint64]) -> NDArray[Any]:
        return frame.astype(np.int64) + shift

    latents = {
        "frame": placed(stretch.latent_frame),
        "before": stretch.before,
        "after": stretch.after,
    }
    turned = {
        "frame": placed(stretch.value_frame),
        "index": stretch.value_index,
        "value": stretch.value,
    }
    writer.add_sound(stretch.dry, stretch.wet)
    writer.add_rows("late", latents)
    writer.add_rows("turn", turned)
    writer.add_blocks(placed(stretch.block_frame), stretch.block_size)
    writer.add_rows("midi", {**midi, "frame": placed(midi["frame"])})


def write_values(values: Mapping[str, float], writer: PerformanceWriter) -> None:
    """Append all parameters as they stand at the start."""
    index = np.arange(PARAMETER_COUNT)
    value = np.array([values[name_of(k)] for k in range(PARAMETER_COUNT)])
    writer.add_rows("turn", {"frame": np.zeros_like(index), "index": index, "value": value})


def write_silence(gap: Gap, writer: PerformanceWriter) -> None:
    """Append a gap and as much silence."""
    writer.add_gap(gap)
    quiet = np.zeros(1 << 16, np.float32)
    for at in range(0, gap.frames, quiet.shape[0]):
        piece = quiet[: gap.frames - at]
        writer.add_sound(piece, piece)
