"""The graphs of a model: one encoder and one decoder for each number of hops at a time."""

import onnx
import torch

from rtvae.spec import StateSpec
from rtvae.training.graph import GraphOps
from rtvae.training.turnable import SUNG
from rtvae.training.vae import Vae


@torch.no_grad()
def encoder_graph(model: Vae, hops: int) -> tuple[onnx.ModelProto, tuple[StateSpec, ...]]:
    """Return encoder-`hops`.onnx and its states: `audio` to `mean` and `std`."""
    ops, config = GraphOps(), model.config
    mean, std = model.encoder.stream(ops, "audio", hops)
    shape = [hops, config.latents]
    graph = ops.model(
        "encoder",
        ("audio", [hops * config.hop_frames]),
        [(mean, "mean", shape), (std, "std", shape)],
    )
    return graph, tuple(ops.states)


@torch.no_grad()
def decoder_graph(model: Vae, hops: int) -> tuple[onnx.ModelProto, tuple[StateSpec, ...]]:
    """Return decoder-`hops`.onnx and its states: `latent` to `audio`."""
    ops, config = GraphOps(), model.config
    audio = model.decoder.stream(ops, "latent", hops)
    graph = ops.model(
        "decoder",
        ("latent", [hops, config.latents]),
        [(audio, "audio", [hops * config.hop_frames])],
    )
    return graph, tuple(ops.states)


def multiply_adds_per_second(model: Vae) -> int:
    """Count the products of one second of audio, streamed hop by hop."""
    total = 0
    for graph in (encoder_graph(model, 1)[0], decoder_graph(model, 1)[0]):
        shapes = {t.name: list(t.dims) for t in graph.graph.initializer}
        inferred = onnx.shape_inference.infer_shapes(graph).graph
        for v in [*inferred.value_info, *inferred.input, *inferred.output]:
            shapes[v.name] = [d.dim_value for d in v.type.tensor_type.shape.dim]
        for node in graph.graph.node:
            if node.op_type == "Gemm":
                rows, columns = shapes[node.output[0]]
                total += rows * columns * shapes[node.input[0]][1]
    return total * model.config.sample_rate_hz // model.config.hop_frames


def receptive_field_frames(model: Vae) -> int:
    """Count the frames of input that one frame of output can depend on."""
    rows = 0
    for state in decoder_graph(model, 1)[1]:
        rows += _frames_of(state, model, ("rows", "synthesis", "noise"))
    for state in encoder_graph(model, 1)[1]:
        if state.name != "level":
            rows += _frames_of(state, model, ("rows", "analysis"))
    return rows + model.config.hop_frames


def _frames_of(state: StateSpec, model: Vae, at_row_rate: tuple[str, ...]) -> int:
    name = state.name.removeprefix(SUNG)
    if name in ("noise", "low_noise", "phase"):
        return 0
    fine = name.startswith(at_row_rate)
    return state.rows * (model.config.row_frames if fine else model.config.hop_frames)
