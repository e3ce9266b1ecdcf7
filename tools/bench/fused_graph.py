"""One graph instead of two: encoder, knobs and decoder in a row, for comparison.

    audio -> encoder -> mean -> * scale + offset -> decoder -> audio

The knobs are inputs, `scale` and `offset`, float32 `(hops, latents)`. States keep their names with
the half before them, as "encoder/NAME" and "decoder/NAME".
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, compose, helper

from rtvae.model.live import Floats
from rtvae.model.ort import Session
from rtvae.spec import ModelCard

MEAN, LATENT = "encoder/mean", "decoder/latent"


def fused_graph(encoder: onnx.ModelProto, decoder: onnx.ModelProto) -> onnx.ModelProto:
    """Return both graphs of one size as one."""
    first, second = (
        compose.add_prefix(half, f"{name}/")
        for half, name in ((encoder, "encoder"), (decoder, "decoder"))
    )
    shape = next(
        [one.dim_value for one in value.type.tensor_type.shape.dim]
        for value in second.graph.input
        if value.name == LATENT
    )
    knobs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name in ("scale", "offset")
    ]
    graph = helper.make_graph(
        [
            *first.graph.node,
            helper.make_node("Mul", [MEAN, "scale"], ["scaled"]),
            helper.make_node("Add", ["scaled", "offset"], [LATENT]),
            *second.graph.node,
        ],
        "fused",
        [*first.graph.input, *knobs, *(v for v in second.graph.input if v.name != LATENT)],
        [*first.graph.output, *second.graph.output],
        [*first.graph.initializer, *second.graph.initializer],
    )
    made = helper.make_model(graph, opset_imports=first.opset_import)
    made.ir_version = first.ir_version
    onnx.checker.check_model(made)
    return made


def write_fused_graph(folder: Path, hops: int, path: Path) -> None:
    """Write a model folder's two graphs over so many hops as one graph."""
    halves = [onnx.load_model(folder / f"{name}-{hops}.onnx") for name in ("encoder", "decoder")]
    onnx.save_model(fused_graph(*halves), path)


class FusedModel:
    """A fused graph streaming in ONNX Runtime: bound to memory from two sides, used in turn."""

    def __init__(self, path: Path, card: ModelCard, hops: int) -> None:
        session = Session(path)
        self.heard = np.zeros(hops * card.hop_frames, np.float32)
        self.played = np.zeros_like(self.heard)
        self.scale = np.ones((hops, card.latent_count), np.float32)
        self.offset = np.zeros_like(self.scale)
        mean, std = np.zeros_like(self.scale), np.zeros_like(self.scale)
        states = {
            f"{half}/{state.name}": state
            for half, group in (("encoder", card.encoder_states), ("decoder", card.decoder_states))
            for state in group
        }
        self._sides = [
            {name: np.zeros(session.output_shapes[f"{name}.next"], np.float32) for name in states}
            for _ in range(2)
        ]
        inputs = {"encoder/audio": self.heard, "scale": self.scale, "offset": self.offset}
        outputs = {"encoder/mean": mean, "encoder/std": std, "decoder/audio": self.played}
        self._pair = [
            session.bind(
                inputs | {n: self._sides[side][n][-state.rows :] for n, state in states.items()},
                outputs | {f"{n}.next": self._sides[1 - side][n] for n in states},
            )
            for side in range(2)
        ]
        self._side = 0

    def reset(self) -> None:
        """Return to silence."""
        for side in self._sides:
            for state in side.values():
                state.fill(0.0)

    def play(self, heard: Floats, played: Floats) -> None:
        """Play the hops it was made for, float32 `(hops * hop,)` each."""
        self.heard[:] = heard
        self._pair[self._side].run()
        self._side = 1 - self._side
        played[:] = self.played
