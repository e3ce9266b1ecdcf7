"""OverlapAddModel: a stateless autoencoder as a LiveModel, without latents, by overlap-add."""

import numpy as np

from rtvae.dsp.overlap_add import Audio, OverlapAdd
from rtvae.model.live import Floats, ranges_of
from rtvae.model.ort import OrtWindow
from rtvae.model.space import Space
from rtvae.spec import ModelCard

FIRST_FRAMES = 1 << 14


class OverlapAddModel:
    """Plays `window` every `card.hop_frames`; `encode` listens and `decode` sounds.

    The delay is the card's: `window - hop` frames for the overlap-add, and what the network adds.
    """

    executor = "onnxruntime"
    executor_note = ""
    space: Space | None = None

    def __init__(self, window: OrtWindow, card: ModelCard) -> None:
        self.card = card
        self.hop_frames = card.hop_frames
        self.latents = 0
        self._overlap_add = OverlapAdd(window.window_frames, card.hop_frames, window.process)
        self.delay_frames = card.latency.delay_frames
        self.attributes, self.ranges = card.attributes, ranges_of(card)
        self._heard: Audio = np.zeros(FIRST_FRAMES, np.float32)

    def reset(self) -> None:
        """See LiveModel."""
        self._overlap_add.reset()

    def encode(self, audio: Floats, mean: Floats, std: Floats) -> None:
        """See LiveModel. Allocates only when more frames come at once than ever before."""
        if audio.shape[0] > self._heard.shape[0]:
            self._heard = np.zeros_like(audio)
        self._heard[: audio.shape[0]] = audio

    def decode(self, latent: Floats, audio: Floats) -> None:
        """See LiveModel. Plays the frames of the last `encode`."""
        hop = self.hop_frames
        for at in range(0, audio.shape[0], hop):
            self._overlap_add.process(self._heard[at : at + hop], audio[at : at + hop])
