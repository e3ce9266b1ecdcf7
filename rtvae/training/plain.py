"""The model as a plain export would write it: Conv1d over `[1, channels, time]`, state kept.

The whole-sequence form of vae.py, step by step, with the left context of each convolution kept
from block to block. Written once against `PlainOps` and run by two interpreters: `plain_script`
makes TorchScript of it, `plain_graph` an ONNX graph. They are what the bench measures the shipped
graphs against.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rtvae.errors import UsageError
from rtvae.training.edges import Edges
from rtvae.training.layers import CausalConv, LeanResidual
from rtvae.training.noise import NOISE_UNIT
from rtvae.training.shape import LOG_LEVEL_RANGE
from rtvae.training.vae import ATTRIBUTE_STD, LEVEL_FLOOR, LOG_STD_RANGE, Encoder, Vae
from rtvae.training.waveform import WaveformDecoder

Value = Any
"""A tensor for TorchScript, a name for the graph."""


class PlainOps(Protocol):
    """What the plain form is made of; every value is `[1, channels, time]`."""

    def conv(
        self, name: str, x: Value, weight: Tensor, bias: Tensor | None = None, dilation: int = 1
    ) -> Value:
        """Convolve causally with `weight` `[out, in, taps]`.

        What the next block needs of the past is kept as the state `name`, if anything.
        """

    def fold(self, x: Value, channels: int, ratio: int) -> Value:
        """Read `[1, channels, ratio * T]` as `[1, ratio * channels, T]`, as layers.fold does."""

    def unfold(self, x: Value, channels: int, ratio: int) -> Value:
        """Read `[1, ratio * channels, T]` as `[1, channels, ratio * T]`, as layers.unfold does."""

    def stretch(self, x: Value, ratio: int) -> Value:
        """Repeat each element `ratio` times along the time."""

    def concat(self, values: Sequence[Value]) -> Value:
        """Join channels."""

    def split(self, x: Value, sizes: Sequence[int]) -> Sequence[Value]:
        """Part channels."""

    def affine(self, x: Value, scale: float, shift: float) -> Value:
        """Return `scale * x + shift`."""

    def add(self, x: Value, y: Value) -> Value:
        """Return `x + y`."""

    def mul(self, x: Value, y: Value) -> Value:
        """Return `x * y`, channels broadcast."""

    def clip(self, x: Value, low: float, high: float) -> Value:
        """Hold `x` between two bounds."""

    def leaky_relu(self, x: Value) -> Value:
        """Return `x` where positive, `LEAK * x` elsewhere."""

    def softplus(self, x: Value) -> Value:
        """Return `log(1 + exp(x))`."""

    def softmax(self, x: Value) -> Value:
        """Make the channels positive and add up to one."""

    def exp(self, x: Value) -> Value:
        """Return `exp(x)`."""

    def log(self, x: Value) -> Value:
        """Return the natural logarithm."""

    def sqrt(self, x: Value) -> Value:
        """Return the square root."""

    def noise(self, name: str, table: NDArray[np.float32], like: Value) -> Value:
        """Return the next columns of the endless table `[channels, period]`, as many as `like`."""


@torch.no_grad()
def encode(ops: PlainOps, encoder: Encoder, audio: Value) -> tuple[Value, Value]:
    """Return mean and std `[1, latents, hops]` of audio `[1, 1, frames]`."""
    c = encoder.config
    frames = ops.fold(audio, 1, c.hop_frames)
    mean_of_hop = torch.full((1, c.hop_frames, 1), 1.0 / c.hop_frames)
    square = ops.conv("", ops.mul(frames, frames), mean_of_hop)
    smooth = ops.conv("level", square, encoder.level_weight, torch.tensor([LEVEL_FLOOR]))
    level = ops.affine(ops.log(smooth), 0.5, 0.0)
    quiet = ops.exp(ops.affine(level, -1.0, 0.0))
    x = _conv(ops, "analysis", encoder.analysis, ops.fold(audio, 1, c.row_frames))
    x = ops.mul(x, ops.stretch(quiet, c.rows_per_hop))
    for k, block in enumerate(encoder.rows):
        x = _residual(ops, f"rows{k}", block, x)
    x = _conv(ops, "down", encoder.down, ops.fold(x, c.row_channels, c.rows_per_hop))
    for k, block in enumerate(encoder.hops):
        x = _residual(ops, f"hops{k}", block, x)
    dims = c.latents - 1
    mean, log_std = ops.split(_conv(ops, "head", encoder.head, x), (dims, dims))
    scale = 1.0 / float(encoder.loudness_scale)
    loudness = ops.affine(level, scale, -scale * float(encoder.loudness_centre))
    variance = ops.exp(ops.affine(ops.clip(log_std, *LOG_STD_RANGE), 2.0, 0.0))
    std = ops.sqrt(ops.conv("", variance, encoder.spread[:, :, None]))
    fixed = ops.affine(loudness, 0.0, ATTRIBUTE_STD["loudness"])
    return ops.concat([loudness, mean]), ops.concat([fixed, std])


@torch.no_grad()
def decode(ops: PlainOps, decoder: WaveformDecoder, latent: Value) -> Value:
    """Return audio `[1, 1, frames]` of latents `[1, latents, hops]`."""
    c = decoder.config
    loudness, timbre = ops.split(latent, (1, c.latents - 1))
    level = ops.affine(loudness, float(decoder.loudness_scale), float(decoder.loudness_centre))
    loud = ops.exp(ops.clip(level, *LOG_LEVEL_RANGE))
    x = _conv(ops, "first", decoder.first, timbre)
    for k, block in enumerate(decoder.hops):
        x = _residual(ops, f"hops{k}", block, x)
    features = x
    x = ops.unfold(_conv(ops, "up", decoder.up, x), c.row_channels, c.rows_per_hop)
    for k, block in enumerate(decoder.rows):
        x = _residual(ops, f"rows{k}", block, x)
    gain = ops.softplus(_conv(ops, "gains", decoder.gains, x))
    table = decoder.table.T.astype(np.float32) * np.float32(NOISE_UNIT)
    hiss = ops.mul(ops.noise("noise", np.ascontiguousarray(table), x), gain)
    x = ops.mul(ops.concat([x, hiss]), ops.stretch(loud, c.rows_per_hop))
    x = _conv(ops, "synthesis", decoder.synthesis, x)
    if decoder.edges is not None:
        x = _edges(ops, decoder.edges, x, features, c.rows_per_hop)
    return ops.unfold(x, 1, c.row_frames)


def waveform_decoder(model: Vae) -> WaveformDecoder:
    """Return the decoder of a model without an oscillator. Raises UsageError for another."""
    if not isinstance(model.decoder, WaveformDecoder):
        raise UsageError("A model that plays an oscillator has no plain form; bench another one.")
    return model.decoder


def _edges(ops: PlainOps, edges: Edges, rows: Value, features: Value, rows_per_hop: int) -> Value:
    row, ways = edges.row_frames, edges.ways
    share = ops.softmax(_conv(ops, "weigh", edges.weigh, features))
    each = torch.eye(ways).repeat_interleave(row, 0)[:, :, None]
    share = ops.stretch(ops.conv("", share, each), rows_per_hop)
    mixed = ops.mul(ops.conv("edges", rows, edges.bank), share)
    return ops.conv("", mixed, torch.eye(row).repeat(1, ways)[:, :, None])


def _conv(ops: PlainOps, name: str, layer: CausalConv, x: Value) -> Value:
    return ops.conv(name, x, layer.weight, layer.bias, layer.dilation)


def _residual(ops: PlainOps, name: str, block: Any, x: Value) -> Value:
    lean: LeanResidual = block
    inner = ops.leaky_relu(_conv(ops, name, lean.wide, x))
    return ops.add(x, ops.conv("", inner, lean.back.weight))
