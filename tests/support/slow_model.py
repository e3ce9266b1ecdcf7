"""Models that take time on a virtual clock: as slow as a test says, and no second of it is real."""

from rtvae.io.clocks import VirtualClock
from rtvae.model.live import Floats
from tests.support.fake_model import ScriptedModel
from tests.support.synth_model import SynthModel


class Effort:
    """What encoder and decoder take, in seconds a call; `calls` counts both."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.encoder_s = self.decoder_s = 0.0
        self.encoded = self.decoded = 0

    def encode(self) -> None:
        self.encoded += 1
        self.clock.advance(self.encoder_s)

    def decode(self) -> None:
        self.decoded += 1
        self.clock.advance(self.decoder_s)


class SlowSynth(SynthModel):
    """A synthesiser: it sounds on when its latents are held."""

    def __init__(self, effort: Effort) -> None:
        super().__init__()
        self.effort = effort

    def encode(self, audio: Floats, mean: Floats, std: Floats) -> None:
        super().encode(audio, mean, std)
        self.effort.encode()

    def decode(self, latent: Floats, audio: Floats) -> None:
        super().decode(latent, audio)
        self.effort.decode()


class SlowWaveform(ScriptedModel):
    """Half as loud as its input, and its latents are the waveform: held they are a buzz."""

    def __init__(self, effort: Effort, delay_frames: int = 0) -> None:
        super().__init__(latents=64, gain=0.5, delay_frames=delay_frames)
        self.effort = effort

    def encode(self, audio: Floats, mean: Floats, std: Floats) -> None:
        super().encode(audio, mean, std)
        self.effort.encode()

    def decode(self, latent: Floats, audio: Floats) -> None:
        super().decode(latent, audio)
        self.effort.decode()
