"""Cut the bundled recording from a corpus's test split: a voice, a viola, a saxophone, a drum kit.

python tools/make_corpus.py CORPUS --minutes 60 --seed 1 --format flac
python tools/make_demo.py CORPUS recordings/demo.flac
"""

import json
import sys
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

PARTS = (("speech", "en-us+m7", 5.0), ("music", "gm041-strings", 4.0), ("music", "gm066-reed", 4.0))
LAST = ("drums", "n200", 4.0)
PEAK = 0.5
FADE_SECONDS = 0.02


def cut(corpus: Path, kind: str, source: str, seconds: float) -> NDArray[np.float64]:
    """Return the loudest `seconds` of the first test clip of one source, faded, at peak PEAK."""
    files = json.loads((corpus / "corpus.json").read_text())["files"]
    clip = next(
        f for f in files if f["split"] == "test" and f["kind"] == kind and f["sources"] == [source]
    )
    audio, rate = soundfile.read(corpus / clip["file"])
    frames, fade = int(seconds * rate), int(FADE_SECONDS * rate)
    energy = np.concatenate([[0.0], np.cumsum(audio**2)])
    frames = min(frames, audio.shape[0])
    at = int(np.argmax(energy[frames:] - energy[: energy.shape[0] - frames]))
    part: NDArray[np.float64] = audio[at : at + frames]
    part = part * (PEAK / np.max(np.abs(part)))
    ramp = np.linspace(0.0, 1.0, fade)
    part[:fade] *= ramp
    part[-fade:] *= ramp[::-1]
    return part


def main() -> int:
    """Write the recording."""
    corpus, out = Path(sys.argv[1]), Path(sys.argv[2])
    parts = [cut(corpus, *part) for part in (*PARTS, LAST)]
    gap = np.zeros(int(0.3 * 48000))
    soundfile.write(out, np.concatenate([p for part in parts for p in (part, gap)]), 48000)
    return 0


if __name__ == "__main__":
    sys.exit(main())
