"""NativeModel: a model folder streaming in machine code made from its graphs on this computer."""

from pathlib import Path

from rtvae.model.live import Floats, ranges_of
from rtvae.model.native.compile import Compiler, compiler
from rtvae.model.native.lower import Target
from rtvae.model.native.pool import Pool
from rtvae.model.native.program import Half
from rtvae.model.native.read import read_graph
from rtvae.model.native.reasons import Unsupported
from rtvae.model.space import space_of
from rtvae.model.warm_up import warm_up
from rtvae.spec import ModelCard

WARM_UP_BLOCKS = 20
MAX_KERNELS = 300
UNFORESEEN = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


class NativeModel:
    """A LiveModel (kind "vae") from a folder that admission has let in.

    `machine` is the process's compiler if not given. Raises Unsupported where ONNX Runtime has
    to do it, RuntimeError or OSError if LLVM cannot work here.
    """

    executor = "native"
    executor_note = ""

    def __init__(self, folder: Path, card: ModelCard, machine: Compiler | None = None) -> None:
        self.card = card
        self.hop_frames = card.hop_frames
        self.latents = card.latent_count
        self.delay_frames = card.latency.delay_frames
        self.attributes, self.ranges = card.attributes, ranges_of(card)
        self.space = space_of(folder, card)
        machine = machine or compiler()
        target = Target(machine.lanes, machine.registers)
        pool = Pool()
        try:
            self._encoder, self._decoder = (
                Half(
                    {n: read_graph(folder / f"{part}-{n}.onnx") for n in card.graph_sizes},
                    states,
                    source,
                    sinks,
                    pool,
                    target,
                )
                for part, states, source, sinks in (
                    ("encoder", card.encoder_states, "audio", ("mean", "std")),
                    ("decoder", card.decoder_states, "latent", ("audio",)),
                )
            )
            kernels = {*self._encoder.kernels(), *self._decoder.kernels()}
            if len(kernels) > MAX_KERNELS:
                raise Unsupported("it needs too many kinds of steps")
            machine.addresses(kernels)
            constants = pool.finish()
            self._encoder.link(machine, constants)
            self._decoder.link(machine, constants)
        except UNFORESEEN as error:
            raise Unsupported("its graphs have an unforeseen form") from error

    def reset(self) -> None:
        """See LiveModel."""
        self._encoder.reset()
        self._decoder.reset()

    def encode(self, audio: Floats, mean: Floats, std: Floats) -> None:
        """See LiveModel. Uses the largest graphs first."""
        self._encoder.run(mean.shape[0], audio, (mean, std))

    def decode(self, latent: Floats, audio: Floats) -> None:
        """See LiveModel. Uses the largest graphs first."""
        self._decoder.run(latent.shape[0], latent, (audio,))

    def warm_up(self, blocks: int = WARM_UP_BLOCKS) -> None:
        """Run every graph `blocks` times on faint noise, then reset: first runs are slow."""
        warm_up(self, blocks)
