"""The colours of a spectrogram: from quiet to loud, on a dark ground and on a light one.

Lightness rises (or falls, on white) all the way, so it reads in grey too.
"""

import numpy as np
from numpy.typing import NDArray

from rtvae.window import theme

LEVELS = 256
_Stops = tuple[tuple[float, tuple[int, int, int]], ...]
_STOPS: dict[str, _Stops] = {
    "dark": (
        (0.0, (15, 19, 24)),
        (0.25, (26, 46, 92)),
        (0.5, (94, 76, 128)),
        (0.75, (226, 126, 68)),
        (1.0, (255, 244, 176)),
    ),
    "light": (
        (0.0, (255, 255, 255)),
        (0.25, (196, 214, 236)),
        (0.5, (226, 150, 96)),
        (0.75, (150, 62, 40)),
        (1.0, (40, 10, 24)),
    ),
}


def shades(look: str = theme.LOOKS[0]) -> NDArray[np.uint32]:
    """Return LEVELS colours as 0xffrrggbb, uint32 `(LEVELS,)`, from quiet to loud."""
    stops = _STOPS[look]
    at = np.linspace(0.0, 1.0, LEVELS)
    places = [place for place, _ in stops]
    rgb = [np.interp(at, places, [colour[c] for _, colour in stops]) for c in range(3)]
    red, green, blue = (np.round(channel).astype(np.uint32) for channel in rgb)
    made = np.uint32(0xFF000000) | red << np.uint32(16) | green << np.uint32(8) | blue
    return np.asarray(made, np.uint32)
