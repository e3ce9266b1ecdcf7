"""A folder of recordings measured one after another; memory holds one of them at a time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rtvae.errors import AudioFileError, CorpusError
from rtvae.evaluation.excerpt import read_beginning
from rtvae.evaluation.frames import Floats, Track
from rtvae.evaluation.latents import LatentStatistics, LatentSums
from rtvae.evaluation.pitch import PitchMatch, PitchTracker, match_cents
from rtvae.evaluation.recording import Row, measure
from rtvae.evaluation.timbre import long_term_spectrum_db
from rtvae.evaluation.transfer import Transfer, judge
from rtvae.io.recordings import find_foreign, find_recordings
from rtvae.model.live import LiveModel

LONGEST_S = 300.0
EXCERPTS = 8
EXCERPT_S = 8.0


@dataclass(frozen=True)
class Evaluation:
    """Everything measured on a folder.

    `pitch` is over the voiced frames of all recordings together, None without a tracker.
    `skipped` holds a sentence for each file left out. `transfer` is there if it was asked for.
    """

    rows: tuple[Row, ...]
    latents: LatentStatistics
    pitch: PitchMatch | None
    skipped: tuple[str, ...]
    transfer: Transfer | None = None


class Folder:
    """The readable recordings of a folder, and why the others are not.

    `longest_s` seconds of each are read at most. `say` hears a sentence for every file left out.
    """

    def __init__(
        self, path: Path, sample_rate_hz: int, longest_s: float, say: Callable[[str], None]
    ) -> None:
        self.path = path
        self.skipped: list[str] = []
        self._rate_hz, self._longest_s, self._say = sample_rate_hz, longest_s, say
        self._files = find_recordings(path)

    def sounds(self) -> Iterator[tuple[str, Floats, bool]]:
        """Yield name within the folder, mono float32 `(frames,)`, and whether it was cut."""
        for path in find_foreign(self.path):
            self._skip(f"{path} is in a form that cannot be read; convert it to WAV or FLAC.")
        for path in self._files:
            try:
                sound, cut = read_beginning(path, self._rate_hz, self._longest_s)
            except AudioFileError as error:
                self._skip(str(error))
                continue
            yield path.relative_to(self.path).as_posix(), sound, cut

    def _skip(self, sentence: str) -> None:
        self.skipped.append(sentence)
        self._say(f"left out: {sentence}")


def evaluate_folder(
    model: LiveModel,
    folder: Path,
    tracker: PitchTracker | None,
    *,
    longest_s: float = LONGEST_S,
    transfer: bool = False,
    target: Path | None = None,
    say: Callable[[str], None] = lambda sentence: None,
    begin: Callable[[str], None] = lambda name: None,
) -> Evaluation:
    """Measure every recording under `folder`.

    `transfer` asks how well a model of another sound follows, and `target` names recordings of
    that sound. `begin` is told each file as its turn comes. Raises CorpusError if nothing in a
    folder can be read, ModelError if the model answers with values that are not numbers.
    """
    rate = model.card.sample_rate_hz
    aimed = _spectra_of(target, rate, longest_s, say) if target else []
    recordings = Folder(folder, rate, longest_s, say)
    rows: list[Row] = []
    cents: list[Track] = []
    sums = LatentSums(model.latents)
    heard: list[Track] = []
    answered: list[Track] = []
    for name, sound, cut in recordings.sounds():
        begin(name)
        measured = measure(model, sound, name, tracker, cut=cut)
        rows.append(measured.row)
        cents.append(measured.cents)
        take = measured.take
        sums.add(take.mean, take.std, measured.heard, model.hop_frames, rate)
        spectra = [long_term_spectrum_db(each, rate) for each in (sound, take.output)]
        if transfer and spectra[0] is not None and spectra[1] is not None:
            heard.append(spectra[0])
            answered.append(spectra[1])
    if not rows:
        raise CorpusError(f"No recording in {folder} could be read; name another folder.")
    voiced = sum(row.pitch.voiced_frames for row in rows if row.pitch)
    pitch = match_cents(np.concatenate(cents), voiced) if tracker else None
    return Evaluation(
        tuple(rows),
        sums.result(),
        pitch,
        tuple(recordings.skipped),
        judge(rows, pitch, heard, answered, aimed) if transfer else None,
    )


def excerpts(folder: Path, rows: Sequence[Row], sample_rate_hz: int) -> list[Floats]:
    """Return the beginnings of a few recordings from all over the folder, a minute in all."""
    chosen = rows[:: max(1, len(rows) // EXCERPTS)][:EXCERPTS]
    return [read_beginning(folder / row.file, sample_rate_hz, EXCERPT_S)[0] for row in chosen]


def _spectra_of(
    folder: Path, sample_rate_hz: int, longest_s: float, say: Callable[[str], None]
) -> list[Track]:
    recordings = Folder(folder, sample_rate_hz, longest_s, say)
    found = [long_term_spectrum_db(sound, sample_rate_hz) for _, sound, _ in recordings.sounds()]
    spectra = [spectrum for spectrum in found if spectrum is not None]
    if not spectra:
        raise CorpusError(f"No recording in {folder} holds sound; name another folder.")
    return spectra
