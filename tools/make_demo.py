"""Make the bundled recording: a voice speaks and sings, then a viola, a saxophone, hand drums.

    python tools/make_demo.py recordings/demo.flac

All are sources of the corpora's test splits, which no bundled model has heard, and free to pass on.
Needs the Debian packages that are named when one is missing.
"""

import sys
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from corpus import human, kits, packages, singing, solo
from corpus.part import SAMPLE_RATE_HZ, Part

PARTS = (
    (human.render, "rms", 4.0),
    (singing.render, "human rms", 5.0),
    (solo.render, "fluid-0-41", 4.0),
    (solo.render, "fluid-0-66", 4.0),
    (kits.render, "sonic-pi tabla", 4.0),
)
NEEDED = ("flite", "fluidsynth", packages.FLUID, packages.SONIC_PI)
SEED = 6
RENDERED_S = 12.0
PEAK = 0.5
FADE_S = 0.02
GAP_S = 0.3


def cut(sound: NDArray[np.float64], seconds: float) -> NDArray[np.float64]:
    """Return the loudest `seconds` of a sound, faded, at peak PEAK."""
    frames, fade = int(seconds * SAMPLE_RATE_HZ), int(FADE_S * SAMPLE_RATE_HZ)
    energy = np.concatenate([[0.0], np.cumsum(sound**2)])
    at = int(np.argmax(energy[frames:] - energy[: energy.size - frames]))
    part: NDArray[np.float64] = sound[at : at + frames]
    part = part * (PEAK / np.max(np.abs(part)))
    ramp = np.linspace(0.0, 1.0, fade)
    part[:fade] *= ramp
    part[-fade:] *= ramp[::-1]
    return part


def main() -> int:
    """Write the recording."""
    missing = packages.missing(NEEDED)
    if missing:
        print(f"Missing {' '.join(missing)}: install with `apt install`.", file=sys.stderr)
        return 1
    gap = np.zeros(int(GAP_S * SAMPLE_RATE_HZ))
    pieces = []
    for number, (render, source, seconds) in enumerate(PARTS):
        (sound,) = render([Part(source, RENDERED_S, (SEED, number))])
        pieces += [cut(sound, seconds), gap]
    soundfile.write(Path(sys.argv[1]), np.concatenate(pieces), SAMPLE_RATE_HZ)
    return 0


if __name__ == "__main__":
    sys.exit(main())
