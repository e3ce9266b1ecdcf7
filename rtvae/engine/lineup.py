"""The lineup: which models play, how a voice is made of them, and what the host is told of it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtvae.engine.blend import Blend, Playable
from rtvae.engine.voice import Voice
from rtvae.errors import ModelError
from rtvae.model.identity import IdentityModel
from rtvae.model.live import LiveModel
from rtvae.spec import ModelCard, StreamSpec

DRY_HOP_FRAMES = 64
USUAL_RATE_HZ = 48_000

Loader = Callable[[Path], LiveModel]


@dataclass(frozen=True)
class Lineup:
    """The model that plays (None: the input is passed on) and the one beside it, by path.

    `buffered` says whether they run on worker threads; None leaves it to the governor.
    """

    model: Path | None
    beside: Path | None = None
    buffered: bool | None = None


def load_models(
    lineup: Lineup, load: Loader, sample_rate_hz: int | None = None
) -> tuple[LiveModel, ...]:
    """Return the lineup's one or two models; a rate of None is the first one's own.

    Raises ModelError if one cannot be loaded or plays at another rate.
    """
    if lineup.model is None:
        first: LiveModel = IdentityModel(
            DRY_HOP_FRAMES, sample_rate_hz=sample_rate_hz or USUAL_RATE_HZ
        )
    else:
        first = load(lineup.model)
    rate_hz = sample_rate_hz or first.card.sample_rate_hz
    check_rate(first.card, rate_hz)
    if lineup.beside is None:
        return (first,)
    second = load(lineup.beside)
    check_rate(second.card, rate_hz)
    return first, second


def make_voice(
    models: tuple[LiveModel, ...],
    stream: StreamSpec,
    max_block: int,
    values: NDArray[np.float32],
    buffered: bool = False,
) -> Playable:
    """Return what plays one or two models in a stream; it still has to be warmed up.

    With `buffered` each of them runs on a worker thread; `close` what is no longer played.
    """
    voices = [Voice(model, stream, max_block, values, buffered) for model in models]
    if len(voices) == 1:
        return voices[0]
    return Blend(voices[0], voices[1], stream.sample_rate_hz, max_block, values)


def check_rate(card: ModelCard, sample_rate_hz: int) -> None:
    """Raise ModelError unless the model plays at the stream's rate."""
    if card.sample_rate_hz != sample_rate_hz:
        raise ModelError(
            f"The model {card.name} plays at {card.sample_rate_hz} Hz and not at "
            f"{sample_rate_hz} Hz; start with that sample rate, or choose another model."
        )


def facts(voice: Playable, advice: str = "") -> dict[str, object]:
    """What the host is told about what plays."""
    card = voice.model.card
    return {
        "model": card.name,
        "title": card.title,
        "hop_frames": voice.model.hop_frames,
        "latents": [asdict(latent) for latent in card.latents],
        "model_latency_frames": voice.model.delay_frames,
        "reblock_latency_frames": voice.reblock_latency_frames,
        "buffer_latency_frames": voice.buffer_latency_frames,
        "latency_frames": voice.latency_frames,
        "executor": voice.model.executor,
        "beside": voice.second.model.card.name if isinstance(voice, Blend) else None,
        "advice": advice,
    }
