"""DeviceModel: a model folder streaming on a device, its weights and states lying there.

As OrtModel (see `streaming`), with memory of the device in the place of arrays: a block's sound
goes there, the latents come back, and the states never leave. Device "cpu" is the processor
itself, with which all of this but the device can be tested.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rtvae.model.live import Floats, ranges_of
from rtvae.model.ort.own_thread import OwnThread
from rtvae.model.ort.session import CUDA, DeviceBinding, Memory, Session
from rtvae.model.ort.streaming import WARM_UP_BLOCKS, window_rows
from rtvae.model.space import space_of
from rtvae.model.warm_up import warm_up
from rtvae.spec import ModelCard, StateSpec


class DeviceModel:
    """A LiveModel (kind "vae") from a folder that admission has let in.

    Raises ModelError if the device cannot run all of its graphs.
    """

    executor_note = ""

    def __init__(self, folder: Path, card: ModelCard, device: str = CUDA) -> None:
        self.card = card
        self.hop_frames = card.hop_frames
        self.latents = card.latent_count
        self.delay_frames = card.latency.delay_frames
        self.attributes, self.ranges = card.attributes, ranges_of(card)
        self.space = space_of(folder, card)
        self.executor = device
        self._thread = OwnThread()
        halves: list[_Half] = []

        def make() -> None:
            for part, states, source, sinks in (
                ("encoder", card.encoder_states, "audio", ("mean", "std")),
                ("decoder", card.decoder_states, "latent", ("audio",)),
            ):
                sessions = {
                    n: Session(folder / f"{part}-{n}.onnx", device) for n in card.graph_sizes
                }
                halves.append(_Half(sessions, states, source, sinks, device))

        self._thread.do(make)
        self._encoder, self._decoder = halves

    def reset(self) -> None:
        """See LiveModel."""
        self._thread.do(self._encoder.reset)
        self._thread.do(self._decoder.reset)

    def encode(self, audio: Floats, mean: Floats, std: Floats) -> None:
        """See LiveModel. Uses the largest graphs first."""
        source, encoder = audio.reshape(-1, self.hop_frames), self._encoder
        self._thread.do(lambda: encoder.run(source, (mean, std)))

    def decode(self, latent: Floats, audio: Floats) -> None:
        """See LiveModel. Uses the largest graphs first."""
        sink, decoder = audio.reshape(-1, self.hop_frames), self._decoder
        self._thread.do(lambda: decoder.run(latent, (sink,)))

    def warm_up(self, blocks: int = WARM_UP_BLOCKS) -> None:
        """See OrtModel. CUDA records its graphs meanwhile."""
        warm_up(self, blocks)


class _Step(NamedTuple):
    """Some hops at a time: a graph bound from each side, and the memory around it."""

    hops: int
    pair: tuple[DeviceBinding, DeviceBinding]
    inlet: Memory
    outlets: tuple[Memory, ...]


class _Half:
    """Encoder or decoder: rows in, rows out, one row for each hop, states kept on the device."""

    def __init__(
        self,
        sessions: Mapping[int, Session],
        states: tuple[StateSpec, ...],
        source: str,
        sinks: tuple[str, ...],
        device: str,
    ) -> None:
        self._sides: list[dict[str, Memory]] = [{}, {}]
        for state in states:
            rows = max(window_rows(session, state) for session in sessions.values())
            for side in self._sides:
                side[state.name] = Memory((rows, state.columns), device)
        self._silence = {
            name: np.zeros(memory.shape, np.float32) for name, memory in self._sides[0].items()
        }
        self._side = 0
        self._steps: list[_Step] = []
        for size in sorted(sessions, reverse=True):
            session = sessions[size]
            inlet = Memory(session.input_shapes[source], device)
            outlets = {name: Memory(session.output_shapes[name], device) for name in sinks}
            first, second = (
                self._bind(session, states, side, (source, inlet), outlets) for side in range(2)
            )
            self._steps.append(_Step(size, (first, second), inlet, tuple(outlets.values())))

    def _bind(
        self,
        session: Session,
        states: tuple[StateSpec, ...],
        side: int,
        source: tuple[str, Memory],
        sinks: Mapping[str, Memory],
    ) -> DeviceBinding:
        inputs = {source[0]: source[1].place()}
        outputs = {name: memory.place() for name, memory in sinks.items()}
        for state in states:
            inputs[state.name] = self._sides[side][state.name].last(state.rows)
            window = self._sides[1 - side][state.name].last(window_rows(session, state))
            outputs[f"{state.name}.next"] = window
        return session.bind_there(inputs, outputs, recording=1 + side)

    def reset(self) -> None:
        for side in self._sides:
            for name, memory in side.items():
                memory.write(self._silence[name])

    def run(self, source: Floats, sinks: tuple[Floats, ...]) -> None:
        row, rows = 0, source.shape[0]
        for size, pair, inlet, outlets in self._steps:
            while rows - row >= size:
                end = row + size
                inlet.write(source[row:end])
                pair[self._side].run()
                self._side = 1 - self._side
                for sink, outlet in zip(sinks, outlets, strict=True):
                    outlet.read(sink[row:end])
                row = end
