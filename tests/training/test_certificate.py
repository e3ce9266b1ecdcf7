"""The latency certificate tells the truth about models whose delay is known."""

import numpy as np
import pytest

from rtvae.model.identity import IdentityModel
from rtvae.training import gate
from rtvae.training.certificate import measure

HOP = 64


class Late(IdentityModel):
    """An identity model that answers `frames` late."""

    def __init__(self, hop: int, frames: int) -> None:
        super().__init__(hop)
        self._late = np.zeros(frames, np.float32)

    def reset(self) -> None:
        super().reset()
        self._late[:] = 0.0

    def decode(self, latent: np.ndarray, audio: np.ndarray) -> None:
        super().decode(latent, audio)
        whole = np.concatenate([self._late, audio])
        audio[:] = whole[: audio.shape[0]]
        self._late[:] = whole[audio.shape[0] :]


@pytest.mark.parametrize("frames", [0, 1, 16, 64, 100])
def test_a_known_delay_is_found_to_the_frame(frames: int) -> None:
    live = Late(HOP, frames)
    found = measure(live, 128, gate.test_sound(48000, HOP))
    assert found.delay_frames == frames
    assert found.algorithmic_frames == HOP + frames
    assert found.onset_frames == pytest.approx(frames, abs=1.0)
    assert found.impulse_frames == pytest.approx(frames, abs=0.5)
    assert found.jitter_frames <= 1.0
    assert found.receptive_field_frames == 128


def test_an_oscillator_has_no_lag_for_the_dry_sound_but_its_lateness_counts() -> None:
    found = measure(Late(HOP, 100), 128, gate.test_sound(48000, HOP), keeps_waveform=False)
    assert found.delay_frames == 0
    assert found.algorithmic_frames == HOP + 100
