"""Trial: a model's first run, to prove the runtime right on this machine and the model harmless.

The golden sample must come out as it did where the model was exported; a thousand hops of
silence, full scale, noise and denormals must give finite sound of sane level.
"""

from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import numpy as np

from rtvae.dsp.guard import NOT_SOUND
from rtvae.errors import ModelError
from rtvae.model.card import GOLDEN_FILE
from rtvae.model.live import Floats, LiveModel
from rtvae.model.ort import OrtModel, OrtWindow
from rtvae.spec import ModelCard

GOLDEN_TOLERANCE = 1e-4  # relative to the rms; other processors round otherwise
MAX_GOLDEN_BYTES = 64_000_000
SILENT = 1e-6
TRIAL_HOPS = 250
TRIAL_WINDOWS = 8

Golden = dict[str, Floats]


def try_vae(folder: Path, card: ModelCard) -> None:
    """Run an admitted vae's golden sample and trial. Raises ModelError with the reason."""
    model = OrtModel(folder, card)
    golden = read_golden(folder / GOLDEN_FILE, card)
    check_golden(model, golden)
    hops = TRIAL_HOPS
    mean = np.empty((hops, model.latents), np.float32)
    std = np.empty_like(mean)
    output = np.empty(hops * model.hop_frames, np.float32)
    for name, audio in _trial_sounds(output.shape[0]):
        model.encode(audio, mean, std)
        model.decode(mean, output)
        for values in (mean, std, output):
            _check_sane(name, values)


def try_window(path: Path, window: int) -> None:
    """Run an admitted stateless autoencoder's trial. Raises ModelError with the reason."""
    model = OrtWindow(path)
    output = np.empty(window, np.float32)
    for name, audio in _trial_sounds(TRIAL_WINDOWS * window):
        for at in range(0, audio.shape[0], window):
            model.process(audio[at : at + window], output)
            _check_sane(name, output)


def read_golden(path: Path, card: ModelCard) -> Golden:
    """Return `golden.npz`: audio, mean, latent, output, checked. Raises ModelError."""
    try:
        with ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > MAX_GOLDEN_BYTES:
                raise ModelError(f"{path.name} is too large")
        with np.load(path, allow_pickle=False) as file:
            golden = {key: file[key] for key in ("audio", "mean", "latent", "output")}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile, NotImplementedError) as error:
        raise ModelError(f"{path.name} cannot be read") from error
    hops = golden["audio"].size // card.hop_frames
    audio, latent = (hops * card.hop_frames,), (hops, card.latent_count)
    shapes = {"audio": audio, "mean": latent, "latent": latent, "output": audio}
    for key, shape in shapes.items():
        if hops < 1 or golden[key].shape != shape or golden[key].dtype != np.float32:
            raise ModelError(f"{key!r} in {path.name} has not its card's size")
        if not np.isfinite(golden[key]).all():
            raise ModelError(f"{key!r} in {path.name} is not finite")
    return golden


def check_golden(model: LiveModel, golden: Golden) -> None:
    """Compare a model's streaming with the golden sample, hop by hop and in larger steps.

    Leaves the model reset. Raises ModelError with the reason.
    """
    hops = golden["mean"].shape[0]
    mean, std = np.empty_like(golden["mean"]), np.empty_like(golden["mean"])
    output = np.empty_like(golden["output"])
    for step in (1, hops):
        model.reset()
        for first in range(0, hops, step):
            rows = slice(first, first + step)
            frames = slice(first * model.hop_frames, (first + step) * model.hop_frames)
            model.encode(golden["audio"][frames], mean[rows], std[rows])
            model.decode(golden["latent"][rows], output[frames])
        for name, made in (("mean", mean), ("output", output)):
            error = relative_error(made, golden[name])
            if not error <= GOLDEN_TOLERANCE:
                raise ModelError(
                    f"its golden {name} comes out wrong on this machine (by {error:.1e} of its "
                    f"level, {GOLDEN_TOLERANCE:.0e} is allowed)"
                )
    model.reset()


def relative_error(made: Floats, golden: Floats) -> float:
    """Return the largest difference over the golden rms."""
    level = float(np.sqrt(np.mean(np.square(golden, dtype=np.float64))))
    return float(np.abs(made - golden).max()) / max(level, SILENT)


def _trial_sounds(frames: int) -> Iterator[tuple[str, Floats]]:
    random = np.random.default_rng(0)
    square = np.where(np.arange(frames) // 50 % 2, 1.0, -1.0)
    yield "full scale", square.astype(np.float32)
    yield "noise", random.standard_normal(frames, np.float32)
    yield "denormal input", np.full(frames, 1e-40, np.float32)
    yield "silence", np.zeros(frames, np.float32)


def _check_sane(name: str, values: Floats) -> None:
    if not np.abs(values).max(initial=0.0) <= NOT_SOUND:
        raise ModelError(f"it answers {name} with values that are no sound")
