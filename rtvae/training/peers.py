"""Peers: the same weights as others would run them, as live models, for the bench to time.

`plain_conv_model` is a plain Conv1d export under `session.run`; `scripted_model` is Conv1d layers
as traced and frozen TorchScript that keeps its states, the usual way to ship such a model. Any
model can be had in our own rows too: `scripted_rows_model` and `eager_model`, where torch gets
the same few large products as our graphs. All are given the settings that suit them: one thread,
no spinning, and one graph for each number of hops, as our own graphs have.
"""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import onnx
import torch
from torch import Tensor

from rtvae.model.live import Floats, LiveModel, ranges_of
from rtvae.model.ort import make_session
from rtvae.spec import ModelCard
from rtvae.training.graph import NEXT
from rtvae.training.plain_graph import plain_decoder_graph, plain_encoder_graph
from rtvae.training.plain_rows import Rows, decoder_rows, encoder_rows, frozen
from rtvae.training.plain_script import script, silence
from rtvae.training.vae import Vae

Step = Callable[[Floats], list[Floats]]
"""Runs some hops: `[1, channels, time]` in, each output likewise out."""


def plain_conv_model(model: Vae, card: ModelCard) -> LiveModel:
    """Return the model as plain Conv1d graphs, states in and out through `session.run`."""
    sizes = card.graph_sizes
    encoder = _Run({hops: plain_encoder_graph(model, hops) for hops in sizes})
    decoder = _Run({hops: plain_decoder_graph(model, hops) for hops in sizes})

    def forget() -> None:
        encoder.forget()
        decoder.forget()

    return _Peer(
        card,
        sizes,
        lambda audio: encoder(audio, audio.shape[2] // card.hop_frames),
        lambda latent: decoder(latent, latent.shape[2]),
        forget,
    )


def scripted_model(model: Vae, card: ModelCard) -> LiveModel:
    """Return the model as TorchScript; time it within `one_thread`."""
    encoder, decoder = script(model, hops=1)

    @torch.inference_mode()
    def encode(audio: Floats) -> list[Floats]:
        return [value.numpy() for value in encoder(torch.from_numpy(audio))]

    @torch.inference_mode()
    def decode(latent: Floats) -> list[Floats]:
        return [decoder(torch.from_numpy(latent)).numpy()]

    def forget() -> None:
        silence(encoder)
        silence(decoder)

    return _Peer(card, (), encode, decode, forget)


def eager_model(model: Vae, card: ModelCard) -> LiveModel:
    """Return the model as PyTorch runs it operation by operation; time it within `one_thread`."""
    return _rows_model(model, card, lambda rows: rows)


def scripted_rows_model(model: Vae, card: ModelCard) -> LiveModel:
    """Return the model's rows as TorchScript, frozen; time it within `one_thread`."""
    return _rows_model(model, card, frozen)


def _rows_model(model: Vae, card: ModelCard, made: Callable[[Rows], Any]) -> LiveModel:
    plain = copy.deepcopy(model).requires_grad_(False)
    encoder = _RunRows(lambda hops: encoder_rows(plain, hops), made)
    decoder = _RunRows(lambda hops: decoder_rows(plain, hops), made)

    def encode(audio: Floats) -> list[Floats]:
        rows = audio.reshape(-1)
        return [value.T[None] for value in encoder(rows, rows.shape[0] // card.hop_frames)]

    def decode(latent: Floats) -> list[Floats]:
        return [value[None, None] for value in decoder(latent[0].T, latent.shape[2])]

    def forget() -> None:
        encoder.forget()
        decoder.forget()

    return _Peer(card, card.graph_sizes, encode, decode, forget)


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch compute on the calling thread alone."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


class _Run:
    """One half as sessions for several numbers of hops, which share the states."""

    def __init__(self, graphs: dict[int, onnx.ModelProto]) -> None:
        self._sessions = {k: make_session(g.SerializeToString()) for k, g in graphs.items()}
        any_session = next(iter(self._sessions.values()))
        source, *states = any_session.get_inputs()
        self._source = source.name
        self._names = [output.name for output in any_session.get_outputs()]
        self._values = [name for name in self._names if not name.endswith(NEXT)]
        self._feeds: dict[str, Floats] = {s.name: np.zeros(s.shape, np.float32) for s in states}

    def __call__(self, value: Floats, hops: int) -> list[Floats]:
        feeds = self._feeds
        feeds[self._source] = value
        results = dict(zip(self._names, self._sessions[hops].run(self._names, feeds), strict=True))
        self._feeds = {name: results[name + NEXT] for name in feeds if name != self._source}
        return [results[name] for name in self._values]

    def forget(self) -> None:
        self._feeds = {
            name: np.zeros_like(state)
            for name, state in self._feeds.items()
            if name != self._source
        }


class _RunRows:
    """One half as rows for several numbers of hops, made when needed, which share the states."""

    def __init__(self, rows: Callable[[int], Rows], made: Callable[[Rows], Any]) -> None:
        self._rows, self._made = rows, made
        self._ready: dict[int, Any] = {}
        first = rows(1)
        self._shapes, self._outputs = list(first.state_shapes.values()), first.outputs
        self._states = self._silence()

    def __call__(self, value: Floats, hops: int) -> list[Floats]:
        if hops not in self._ready:
            self._ready[hops] = self._made(self._rows(hops))
        return self._run(self._ready[hops], value)

    @torch.inference_mode()
    def _run(self, half: Any, value: Floats) -> list[Floats]:
        # A copy, as any host makes: what is handed in is written over before the next block.
        results = half(torch.tensor(value), *self._states)
        self._states = list(results[self._outputs :])
        return [result.numpy() for result in results[: self._outputs]]

    def forget(self) -> None:
        self._states = self._silence()

    @torch.inference_mode()
    def _silence(self) -> list[Tensor]:
        return [torch.zeros(shape) for shape in self._shapes]


class _Peer:
    """A LiveModel made of two steps; `sizes` are the hops they take at a time, () any number."""

    executor = "peer"
    executor_note = ""
    space = None

    def __init__(
        self,
        card: ModelCard,
        sizes: tuple[int, ...],
        encoder: Step,
        decoder: Step,
        forget: Callable[[], None],
    ) -> None:
        self.card = card
        self.hop_frames = card.hop_frames
        self.latents = card.latent_count
        self.delay_frames = card.latency.delay_frames
        self.attributes, self.ranges = card.attributes, ranges_of(card)
        self._sizes = sorted(sizes, reverse=True)
        self._encoder, self._decoder, self._forget = encoder, decoder, forget

    def reset(self) -> None:
        """See LiveModel."""
        self._forget()

    def encode(self, audio: Floats, mean: Floats, std: Floats) -> None:
        """See LiveModel; allocates, as `session.run` and torch do."""
        for first, last in self._pieces(mean.shape[0]):
            frames = audio[first * self.hop_frames : last * self.hop_frames]
            some_mean, some_std = self._encoder(frames[None, None])
            mean[first:last] = some_mean[0].T
            std[first:last] = some_std[0].T

    def decode(self, latent: Floats, audio: Floats) -> None:
        """See LiveModel; allocates, as `session.run` and torch do."""
        for first, last in self._pieces(latent.shape[0]):
            columns = np.ascontiguousarray(latent[first:last].T)[None]
            (played,) = self._decoder(columns)
            audio[first * self.hop_frames : last * self.hop_frames] = played[0, 0]

    def _pieces(self, hops: int) -> Iterator[tuple[int, int]]:
        if not self._sizes:
            yield 0, hops
            return
        at = 0
        for size in self._sizes:
            while hops - at >= size:
                yield at, at + size
                at += size
