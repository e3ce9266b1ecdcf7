"""OrtWindow: a stateless ONNX autoencoder over one fixed window, in ONNX Runtime."""

from pathlib import Path

import numpy as np

from rtvae.errors import ModelError
from rtvae.model.live import Floats
from rtvae.model.ort.session import Session

MAX_WINDOW_FRAMES = 1 << 20
WARM_UP_BLOCKS = 20


class OrtWindow:
    """One graph with one input and one output of `window_frames` values each.

    Raises ModelError if the graph is of another kind.
    """

    def __init__(self, path: Path) -> None:
        session = Session(path)
        shapes = [*session.input_shapes.items(), *session.output_shapes.items()]
        one_each = len(session.input_shapes) == len(session.output_shapes) == 1
        if not one_each or not all(_is_window(shape) for _, shape in shapes):
            raise ModelError(
                f"{path.name} is not a stateless autoencoder with one input and one output of "
                "a fixed window [1, 1, W], [1, W] or [W]; export it with a fixed shape."
            )
        (source, shape), (sink, made) = shapes
        self.window_frames = int(shape[-1])
        if made[-1] != self.window_frames:
            raise ModelError(
                f"{path.name} turns {shape[-1]} frames into {made[-1]}; "
                "a stateless autoencoder must keep the length of its window."
            )
        self._inp = np.zeros(self.window_frames, np.float32)
        self._out = np.zeros(self.window_frames, np.float32)
        self._binding = session.bind(
            {source: self._inp.reshape(shape)}, {sink: self._out.reshape(made)}
        )

    def process(self, inp: Floats, out: Floats) -> None:
        """Fill `out` from `inp`, float32 `(window_frames,)` each.

        Real-time: nothing in Python stays allocated.
        """
        self._inp[:] = inp
        self._binding.run()
        out[:] = self._out

    def warm_up(self, blocks: int = WARM_UP_BLOCKS) -> None:
        """Run the graph `blocks` times: first runs are slow."""
        for _ in range(blocks):
            self._binding.run()


def _is_window(shape: tuple[object, ...]) -> bool:
    *ones, frames = shape or (0,)
    fits = type(frames) is int and 1 <= frames <= MAX_WINDOW_FRAMES
    return fits and len(ones) <= 2 and all(one == 1 for one in ones)
