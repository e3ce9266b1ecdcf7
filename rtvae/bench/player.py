"""Player: one model on a stage of its own, exactly as the engine plays it.

The engine's callback around the engine's block path, with a control block and telemetry. Only the
device is missing: the bench calls in its place.
"""

import numpy as np

from rtvae.control.parameters import clamp, defaults, index_of
from rtvae.engine.block_path import BlockPath
from rtvae.engine.callback import EngineCallback
from rtvae.errors import ModelError
from rtvae.link.control_block import ControlReader, ControlWriter
from rtvae.link.layout import CONTROL, TELEMETRY
from rtvae.link.telemetry import TelemetryReader, TelemetryWriter
from rtvae.model.live import Floats, LiveModel
from rtvae.spec import StreamSpec

CHANNELS = 2
"""As a usual device: the model hears the first channel and sounds on both."""


class Player:
    """A lane of the pacing; `sound` is mono float32, played round and round.

    With `knobs_move` every dimension's offset and the variation change before each block, as fast
    as a player and a controller never could: latent control at its dearest.
    """

    def __init__(
        self, model: LiveModel, block_size: int, sound: Floats, *, knobs_move: bool = False
    ) -> None:
        rate_hz = model.card.sample_rate_hz
        control, telemetry = np.zeros((), CONTROL), np.zeros((), TELEMETRY)
        control["values"] = defaults()
        self._writer = ControlWriter(control)
        self._telemetry = TelemetryReader(telemetry)
        writer = TelemetryWriter(telemetry)
        stream = StreamSpec(rate_hz, block_size, CHANNELS, CHANNELS)
        self._path = BlockPath(
            model,
            stream,
            ControlReader(control),
            writer,
            input_channels=(0,),
            output_channels=tuple(range(CHANNELS)),
        )
        self._path.voice.warm_up(block_size)
        self._callback = EngineCallback(self._path, writer, rate_hz)
        whole = sound.shape[0] // block_size * block_size
        self._blocks = sound[:whole].reshape(-1, block_size)
        self._heard = np.zeros((block_size, CHANNELS), np.float32)
        self._played = np.zeros((block_size, CHANNELS), np.float32)
        self._at = 0
        self._sways = [self._sway(k) for k in (0, 1)] if knobs_move else []

    def prepare(self) -> None:
        """Get the next block's input ready, and turn the knobs if they move."""
        self._heard[:] = self._blocks[self._at % len(self._blocks)][:, None]
        if self._sways:
            self._writer.set_many(self._sways[self._at % 2])
        self._at += 1

    def play(self) -> None:
        """Play one block as the device would ask for it."""
        self._callback(self._heard, self._played, 0)

    def parts_s(self) -> tuple[float, float, float]:
        """Return what encoder, latent control and decoder took in the last block."""
        return self._path.encoder_s, self._path.control_s, self._path.decoder_s

    def check(self) -> None:
        """Raise ModelError if the model failed while it was measured: the figures are void."""
        repairs = int(self._telemetry.scalar("guard_repairs"))
        if repairs or self._path.voice.dry_only:
            raise ModelError(
                f"The model {self._path.voice.model.card.name} failed in {repairs} blocks while it "
                "was measured, so its cost means nothing; check it with `rtvae verify`."
            )

    def _sway(self, side: int) -> dict[int, float]:
        places = {index_of("variation"): 0.1 + 0.1 * side}
        for latent in range(self._path.voice.model.latents):
            place = index_of(f"latent.{latent + 1}.offset")
            places[place] = clamp(place, 0.2 * (side - 0.5))
        return places
