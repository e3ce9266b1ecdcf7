"""LiveModel: what the engine knows of a model. Every model that can be played has this shape."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rtvae.model.space import Space
from rtvae.spec import ModelCard

Floats = NDArray[np.float32]


class LiveModel(Protocol):
    """A streaming encoder and decoder with state, played hop by hop.

    `encode` and `decode` are called in turn with the same number of hops n >= 1; both keep their
    state from call to call, and cutting the same audio into other numbers of hops changes
    nothing but rounding.
    """

    @property
    def card(self) -> ModelCard:
        """What is known of the model."""
        ...

    @property
    def hop_frames(self) -> int:
        """Frames of audio for one row of latents."""
        ...

    @property
    def latents(self) -> int:
        """Playable dimensions; 0 for a stateless autoencoder."""
        ...

    @property
    def delay_frames(self) -> int:
        """How far the output lies behind the input within the stream, reblocking not counted."""
        ...

    @property
    def executor(self) -> str:
        """What computes it: "native", "onnxruntime", "cuda", or "none" where nothing has to."""
        ...

    @property
    def executor_note(self) -> str:
        """Why it is not the native executor that plays; "" if there is nothing to say."""
        ...

    @property
    def attributes(self) -> tuple[str, ...]:
        """What each latent is by measure (spec.ATTRIBUTES), "" where it is nothing of that."""
        ...

    @property
    def ranges(self) -> tuple[Floats, Floats]:
        """Lowest and highest of each latent as the card states it, float32 `(latents,)` each."""
        ...

    @property
    def space(self) -> Space | None:
        """Where in its latents it is at home; None where that is not known."""
        ...

    def reset(self) -> None:
        """Return to the state of silence; also cures a state that holds NaN. Real-time safe."""
        ...

    def encode(self, audio: Floats, mean: Floats, std: Floats) -> None:
        """Fill `mean` and `std`, float32 `(n, latents)`, from `audio`, float32 `(n * hop,)`.

        All arrays are contiguous. Real-time: no allocation in Python that stays.
        """
        ...

    def decode(self, latent: Floats, audio: Floats) -> None:
        """Fill `audio`, float32 `(n * hop,)`, from `latent`, float32 `(n, latents)`.

        All arrays are contiguous. Real-time: no allocation in Python that stays.
        """
        ...


def ranges_of(card: ModelCard) -> tuple[Floats, Floats]:
    """Return a card's lowest and highest of each latent, float32 `(latents,)` each."""
    low = np.array([latent.low for latent in card.latents], np.float32)
    high = np.array([latent.high for latent in card.latents], np.float32)
    return low, high
