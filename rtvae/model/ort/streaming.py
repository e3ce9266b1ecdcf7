"""OrtModel: a model folder streaming in ONNX Runtime.

Each graph size has two prebuilt bindings, used in turn. A state lies at the end of a buffer:

    side 0 [ . . . . . | state ] --input--> graph --output--> [ window: .... | next state ] side 1

A graph over T hops returns a window whose last rows are the next state, and is given the end of
the other side to write it to. So whatever T was, the state lies in the last rows, any size can
follow any size, and nothing is copied.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rtvae.model.live import Floats, ranges_of
from rtvae.model.ort.session import Binding, Session
from rtvae.model.space import space_of
from rtvae.model.warm_up import warm_up
from rtvae.spec import ModelCard, StateSpec

WARM_UP_BLOCKS = 50


class OrtModel:
    """A LiveModel (kind "vae") from a folder that admission has let in."""

    executor = "onnxruntime"
    executor_note = ""

    def __init__(self, folder: Path, card: ModelCard) -> None:
        self.card = card
        self.hop_frames = card.hop_frames
        self.latents = card.latent_count
        self.delay_frames = card.latency.delay_frames
        self.attributes, self.ranges = card.attributes, ranges_of(card)
        self.space = space_of(folder, card)
        hop, latents = self.hop_frames, self.latents
        self._encoder = _Half(
            {size: Session(folder / f"encoder-{size}.onnx") for size in card.graph_sizes},
            card.encoder_states,
            source=("audio", hop),
            sinks=(("mean", latents), ("std", latents)),
        )
        self._decoder = _Half(
            {size: Session(folder / f"decoder-{size}.onnx") for size in card.graph_sizes},
            card.decoder_states,
            source=("latent", latents),
            sinks=(("audio", hop),),
        )

    def reset(self) -> None:
        """See LiveModel."""
        self._encoder.reset()
        self._decoder.reset()

    def encode(self, audio: Floats, mean: Floats, std: Floats) -> None:
        """See LiveModel. Uses the largest graphs first."""
        self._encoder.run(audio.reshape(-1, self.hop_frames), (mean, std))

    def decode(self, latent: Floats, audio: Floats) -> None:
        """See LiveModel. Uses the largest graphs first."""
        self._decoder.run(latent, (audio.reshape(-1, self.hop_frames),))

    def warm_up(self, blocks: int = WARM_UP_BLOCKS) -> None:
        """Run every graph `blocks` times on faint noise, then reset: first runs are slow."""
        warm_up(self, blocks)


class _Step(NamedTuple):
    """Some hops at a time: a graph bound from each side, and the views it reads and fills."""

    hops: int
    pair: tuple[Binding, Binding]
    inlet: Floats
    outlets: tuple[Floats, ...]


class _Half:
    """Encoder or decoder: rows in, rows out, one row for each hop, states kept."""

    def __init__(
        self,
        sessions: Mapping[int, Session],
        states: tuple[StateSpec, ...],
        source: tuple[str, int],
        sinks: tuple[tuple[str, int], ...],
    ) -> None:
        most = max(sessions)
        self._source = np.zeros((most, source[1]), np.float32)
        self._sinks = tuple(np.zeros((most, columns), np.float32) for _, columns in sinks)
        self._sides = [
            {
                state.name: np.zeros(
                    (max(window_rows(s, state) for s in sessions.values()), state.columns),
                    np.float32,
                )
                for state in states
            }
            for _ in range(2)
        ]
        self._side = 0
        self._steps: list[_Step] = []
        for size in sorted(sessions, reverse=True):
            session = sessions[size]
            fixed_in = {source[0]: self._source[:size]}
            fixed_out = {
                name: sink[:size] for (name, _), sink in zip(sinks, self._sinks, strict=True)
            }
            pair = tuple(
                self._bind(session, states, side, fixed_in, fixed_out) for side in range(2)
            )
            self._steps.append(
                _Step(
                    size,
                    (pair[0], pair[1]),
                    self._source[:size],
                    tuple(sink[:size] for sink in self._sinks),
                )
            )

    def _bind(
        self,
        session: Session,
        states: tuple[StateSpec, ...],
        side: int,
        fixed_in: dict[str, Floats],
        fixed_out: dict[str, Floats],
    ) -> Binding:
        inputs = {
            name: _shaped(array, session.input_shapes, name) for name, array in fixed_in.items()
        }
        outputs = {
            name: _shaped(array, session.output_shapes, name) for name, array in fixed_out.items()
        }
        for state in states:
            inputs[state.name] = self._sides[side][state.name][-state.rows :]
            window = self._sides[1 - side][state.name][-window_rows(session, state) :]
            outputs[f"{state.name}.next"] = window
        return session.bind(inputs, outputs)

    def reset(self) -> None:
        for side in self._sides:
            for state in side.values():
                state.fill(0.0)

    def run(self, source: Floats, sinks: tuple[Floats, ...]) -> None:
        row, rows = 0, source.shape[0]
        for size, pair, inlet, outlets in self._steps:
            while rows - row >= size:
                end = row + size
                inlet[:] = source[row:end]
                pair[self._side].run()
                self._side = 1 - self._side
                for sink, outlet in zip(sinks, outlets, strict=True):
                    sink[row:end] = outlet
                row = end


def window_rows(session: Session, state: StateSpec) -> int:
    """Return how many rows a graph gives whose last are a state's next."""
    return session.output_shapes[f"{state.name}.next"][0]


def _shaped(array: Floats, shapes: Mapping[str, tuple[int, ...]], name: str) -> Floats:
    """Return the same memory in the graph's shape: audio is flat there."""
    return array.reshape(shapes[name])
