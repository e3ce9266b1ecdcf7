"""Steady: the block path in a straight line, for blocks in which nothing moves but the sound.

Most blocks are such: one model, no change under way, nothing to repair, to limit or to fade. They
take the way of `BlockPath` without asking at every bend whether there is one, and what is done with
every sample is machine code. The sound is the same bit for bit. A block in which something turns up
half way goes on from there as the path would have it.

What other parts keep of the last block (their last sample, a count of frames) lies here meanwhile;
`put_back` returns it before the path itself plays again.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rtvae.dsp.address import address_of
from rtvae.dsp.guard import is_sound
from rtvae.engine.ladder import Rung
from rtvae.engine.levels import Level
from rtvae.engine.samples import ENERGY, LAST, OFFSET, PEAK, SUM, Samples
from rtvae.engine.voice import Voice
from rtvae.link.control_block import ControlReader
from rtvae.link.layout import LATENT_ROWS, SCOPE_FRAMES
from rtvae.link.telemetry import TelemetryWriter
from rtvae.model.native.compile import compiler
from rtvae.spec import MAX_LATENTS

if TYPE_CHECKING:
    from rtvae.engine.block_path import BlockPath

Audio = NDArray[np.float32]
Block = tuple[Audio, Audio, int, int]
"""What is heard in a block, what sounds in it, and where both lie."""


class Steady:
    """Plays calm blocks of `frames` frames, which lie one after the other in the path's arrays.

    Raises RuntimeError or OSError where nothing can be compiled.
    """

    def __init__(
        self,
        path: "BlockPath",
        frames: int,
        show_frames: int,
        control: ControlReader,
        telemetry: TelemetryWriter,
    ) -> None:
        self._path, self._frames = path, frames
        self._control, self._telemetry = control, telemetry
        self._channels, self._master, self._guard = path.channels, path.master, path.guard
        self._show_frames = show_frames
        self._blocks = {at: self._block(at) for at in range(0, show_frames, frames)}
        self._dry = path.dry[:frames]
        samples = Samples(compiler())
        self._figures = np.zeros(4, np.float32)
        self._figures_at = address_of(self._figures)
        self._found = memoryview(self._figures.data)
        self._offset = np.zeros(len(OFFSET))
        self._measure = samples.measure
        self._guard.offset.sums = self._sums
        address = telemetry.address
        self._hear = samples.hear(
            frames=frames,
            figures=np.zeros(4, np.float32),
            written=control.address("sequence"),
            panic=control.address("panic_count"),
            played=address("frames"),
            scope_count=address("scope_frames"),
        )
        self._sound = samples.sound(
            frames=frames,
            figures=self._figures,
            offset=self._offset,
            scope_input=address("scope_input"),
            scope_output=address("scope_output"),
            scope_frames=SCOPE_FRAMES,
            scope_count=address("scope_frames"),
            before=address("latent_before"),
            after=address("latent_after"),
            width=MAX_LATENTS,
            stamps=address("latent_frame"),
            latent_rows=LATENT_ROWS,
            latent_count=address("latent_rows"),
        )
        self._hears, self._line_at = (self._hear.place(n) for n in ("heard", "line_at"))
        self._seen, self._panics = (self._hear.place(n) for n in ("seen", "panics"))
        self._sound_heard, self._sounds = (self._sound.place(n) for n in ("heard", "wet"))
        self.voice: Voice | None = None
        self._count = 0
        self._gain = 1.0
        self._voice_last = self._guard_last = 0.0

    def _block(self, start: int) -> Block:
        path, end = self._path, start + self._frames
        heard, wet = path.heard[start:end], path.wet[start:end]
        return heard, wet, address_of(heard), address_of(wet)

    def is_for(self, voice: Voice) -> bool:
        """Whether the next block of a voice needs no more than the model, as far as parts can tell.

        If so all is taken up. Real-time safe.
        """
        gain = self._master.input_gain
        if gain is None or not (voice.calm(self._frames) and self._guard.at_rest):
            return False
        self._gain = gain
        self.voice = voice
        line, rows = voice.line, self._frames // voice.model.hop_frames
        mean, bent = voice.latent_places
        self._hear.set(
            line=line.place,
            line_frames=line.frames,
            line_at=line.at,
            seen=self._control.seen,
            panics=self._control.panic_count,
        )
        self._sound.set(encoded=mean, bent=bent, rows=rows, latents=voice.model.latents)
        self._offset[:] = self._guard.offset.hand_over(self._frames)
        return True

    def play(self, inp: Audio, out: Audio) -> bool:
        """Play one block, float32 `(frames, channels)` each, if it is calm; whether it was.

        Real-time: as `BlockPath.process`.
        """
        path, control, voice = self._path, self._control, self.voice
        block = self._blocks.get(path.unshown)
        if (
            block is None
            or voice is None
            or inp.shape[0] != self._frames
            or path.rung is not Rung.FULL
            or path.offered is not None
            or path.leaving
        ):
            return False
        heard, wet, heard_at, wet_at = block
        self._channels.gather(inp, heard)
        if self._gain != 1.0:
            heard *= self._gain
        self._hear.numbers[self._hears] = heard_at
        if not (self._hear.done() or (self._turns() and self._hear.done())):
            return False
        inference, words = voice.inference, self._sound.numbers
        good = inference.play(heard, wet, control.values, False, control.serial)
        words[self._sound_heard], words[self._sounds] = heard_at, wet_at
        if good and self._master.neutral and self._sound.done():
            self._voice_last = self._guard_last = self._found[LAST]
        elif not self._goes_on(voice, block, out, good):
            return True
        self._count += 1
        self._channels.hand_out(wet, out)
        path.encoder_s, path.control_s = inference.encoder_s, inference.control_s
        path.decoder_s = inference.decoder_s
        path.unshown += self._frames
        if path.unshown >= self._show_frames:
            path.show_levels()
        return True

    def _turns(self) -> bool:
        """Take over values that have changed; whether only those kept the block from being calm."""
        control, hear = self._control, self._hear
        if control.panic_count != hear.numbers[self._panics] or not control.refresh():
            return False
        hear.numbers[self._seen] = control.seen
        return self._path.turn() and self._master.input_gain == self._gain

    def _goes_on(self, voice: Voice, block: Block, out: Audio, good: bool) -> bool:
        """Mix a block, or repair it, or limit it; whether it is still a calm one after that.

        If not the path has brought it out already.
        """
        heard, wet, _, wet_at = block
        path, dry = self._path, self._dry
        neutral = self._master.neutral
        self._measure(wet_at, self._frames, self._figures_at)
        last = self._found[LAST]
        good = good and is_sound(self._found[PEAK], self._found[ENERGY])
        if good and not neutral:
            voice.line.at = self._hear.numbers[self._line_at]
            voice.read_dry(dry)
            self._master.finish(wet, dry)
            if self._sound.done():
                self._voice_last, self._guard_last = last, self._found[LAST]
                return True
        self.put_back()
        voice.note_run()
        if not good:
            voice.went_wrong(wet, dry)
            self._master.finish(wet, dry)
        else:
            voice.went_well(self._frames, last)
            if neutral:
                voice.read_dry(dry)
        path.finish(heard, wet, dry, out)
        return False

    def levels(self, frames: int) -> tuple[Level, Level]:
        """Measure the first `frames` >= 1 of what was heard and of what sounded. Real-time safe."""
        _, _, heard_at, wet_at = self._blocks[0]
        found = self._found
        self._measure(heard_at, frames, self._figures_at)
        heard = found[PEAK], found[ENERGY]
        self._measure(wet_at, frames, self._figures_at)
        return heard, (found[PEAK], found[ENERGY])

    def _sums(self, audio: Audio) -> tuple[float, float]:
        """Return sum and sum of squares as `play` takes them, to the bit. Real-time safe."""
        self._measure(address_of(audio), audio.shape[0], self._figures_at)
        return self._found[SUM], self._found[ENERGY]

    def put_back(self) -> None:
        """Let every part know of the blocks that went by here. Real-time safe."""
        voice = self.voice
        if voice is None:
            return
        voice.line.at = self._hear.numbers[self._line_at]
        if self._count:
            voice.went_well(self._count * self._frames, self._voice_last)
            self._guard.went_by(self._guard_last)
            _, _, mean, power, seen_frames, _ = self._offset.tolist()
            self._guard.offset.take_back(mean, power, seen_frames)
            self._telemetry.catch_up()
            self._count = 0

    def let_go(self) -> None:
        """Keep the voice no longer, after `put_back`: it is freed elsewhere. Real-time safe."""
        self.voice = None
