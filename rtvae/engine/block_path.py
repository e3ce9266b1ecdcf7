"""The block path: everything between the input and the output of one block, in order.

    input channels -> input gain -> voice { dry, wet } -> mix -> output gain -> guard -> outputs

Live playing and `rtvae render` run this very class. Nothing here raises on the audio's or the
model's account: what fails is counted and ends in a ramp.
"""

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rtvae.control.parameters import index_of
from rtvae.dsp.guard import LIMITED, REPAIRED, Guard
from rtvae.dsp.tone import Tone
from rtvae.engine.blend import Blend, Playable
from rtvae.engine.channels import Channels
from rtvae.engine.display import Display
from rtvae.engine.ladder import Rung
from rtvae.engine.levels import Levels, level_of
from rtvae.engine.lineup import make_voice
from rtvae.engine.master import Master
from rtvae.engine.swap import Swap
from rtvae.engine.voice import Voice
from rtvae.link.control_block import ControlReader, Scene
from rtvae.link.layout import Mark, State
from rtvae.link.telemetry import TelemetryWriter
from rtvae.model.live import LiveModel
from rtvae.spec import StreamSpec

if TYPE_CHECKING:  # it needs llvmlite, which not every machine has
    from rtvae.engine.steady import Steady

Audio = NDArray[np.float32]

MAX_BLOCK = 8192
"""Larger blocks than this are played in parts."""

_MUTE = index_of("mute")
_TEST_TONE = index_of("test_tone")

# Levels are measured over no less than this: small blocks are measured several at once.
_SHOW_FRAMES = 512


class BlockPath:
    """Plays blocks of any size through a model that can be changed while it plays.

    `input_channels` and `output_channels` count from 0: the model hears the mean of the former
    and sounds on each of the latter. With `muted_start` the output stays silent until the model
    has delivered, then ramps in; without, it is open from the first frame.
    `encoder_s`, `control_s` and `decoder_s` say what the model took in the last block. With a
    model `beside` the first, the parameter "blend" fades between the two. `start_frame` is the
    number of the first frame that the voice heard, `whole_frame` that of the first block in which
    no other was to be heard.
    """

    def __init__(
        self,
        model: LiveModel | Playable,
        stream: StreamSpec,
        control: ControlReader,
        telemetry: TelemetryWriter,
        *,
        beside: LiveModel | None = None,
        input_channels: tuple[int, ...] = (0,),
        output_channels: tuple[int, ...] = (0,),
        max_block: int = MAX_BLOCK,
        muted_start: bool = False,
        buffered: bool = False,
    ) -> None:
        control.refresh()
        values, rate_hz = control.values, stream.sample_rate_hz
        self.stream = stream
        self.max_block = max_block
        if isinstance(model, Voice | Blend):
            self.voice: Playable = model
        else:
            models = (model,) if beside is None else (model, beside)
            self.voice = make_voice(models, stream, max_block, values, buffered)
        self._control, self._telemetry = control, telemetry
        self.channels = Channels(input_channels, output_channels)
        self.master = Master(values, rate_hz, max_block)
        self._mute_wanted = self._tone_wanted = self._sounds_tone = False
        self._take_values(values)
        self._tone = Tone(rate_hz, max_block)
        self.guard = Guard(max_block, rate_hz, muted=muted_start)
        self._display = Display(telemetry)
        self._levels = Levels(rate_hz, max_block, telemetry)
        self.heard = np.zeros(max_block + _SHOW_FRAMES, np.float32)
        self.wet = np.zeros(max_block + _SHOW_FRAMES, np.float32)
        self.unshown = 0
        self.dry = np.zeros(max_block, np.float32)
        self._swap: Swap | None = None
        self.offered: Swap | None = None
        self._waiting = muted_start
        self._panics = control.panic_count
        self._panicking = False
        self._unheard = True
        self._left = False
        self._just_whole = False
        self._frame = telemetry.frames
        self._swap_frame = 0
        self.leaving = False
        self.rung = self._told_rung = Rung.FULL
        self.patient = False
        self._steady = _steady_for(self, control, telemetry)
        self._calm = False
        self.encoder_s = self.control_s = self.decoder_s = 0.0
        self.start_frame = self.whole_frame = self._frame
        self._display.voice(self.voice, self.start_frame)

    @property
    def silent(self) -> bool:
        """Whether the output has arrived at silence."""
        return self.guard.silent

    def limit_as(self, attenuation_db: float) -> None:
        """Let the limiter go on from where another path's stood, for a replay."""
        self._stir()
        self.guard.attenuation_db = attenuation_db

    @property
    def holds(self) -> bool:
        """Whether what plays can play on from held latents."""
        return self.voice.holds and not self.swapping

    @property
    def buffered(self) -> bool:
        """Whether what plays runs on a worker thread."""
        return self.voice.buffer_latency_frames > 0

    @property
    def swapping(self) -> bool:
        """Whether a change of voice is offered or under way."""
        return self.offered is not None or self._swap is not None

    def offer(self, voice: Playable, *, overlap: bool, scene: Scene | None = None) -> Swap:
        """Change to a prepared voice from the next block on; not on the audio thread.

        Keep what is returned until `swapping` is false, and make no other offer before: then the
        old voice is freed on the caller's thread. `overlap` lets both models run in one block.
        The values of `scene` come with the voice, and the old voice keeps those it has.
        """
        swap = Swap(
            self.voice,
            voice,
            overlap=overlap,
            sample_rate_hz=self.stream.sample_rate_hz,
            max_block=self.max_block,
            scene=scene,
        )
        self.offered = swap
        return swap

    def resume(self) -> None:
        """The next block does not continue the last one: ramp in from silence. Real-time."""
        self._stir()
        self.guard.shut()

    def process(self, inp: Audio, out: Audio) -> None:
        """Play one block: float32 `(frames, channels)` in and out, any number of frames.

        Real-time: no allocation that stays, no lock, no file.
        """
        self.encoder_s = self.control_s = self.decoder_s = 0.0
        if self._calm and self._steady is not None:
            try:
                if self._steady.play(inp, out):
                    return
                self._stir()
            except Exception:  # whatever it was
                self._break_off(out)
                return
        for start in range(0, inp.shape[0], self.max_block):
            end = start + self.max_block
            self._frame = self._telemetry.frames + start
            self._play(inp[start:end], out[start:end])

    def _play(self, inp: Audio, out: Audio) -> None:
        frames = inp.shape[0]
        start, end = self.unshown, self.unshown + frames
        heard, wet, dry = self.heard[start:end], self.wet[start:end], self.dry[:frames]
        begins = self.offered is not None and self._swap is None and not self._unheard
        if begins:
            self._begin_swap()
        if self._control.refresh():
            self.turn()
        if begins:
            self.master.arrive()
        if self._unheard:
            self._begin(self._control.values)
        if self._just_whole:
            self._just_whole = False
            self._telemetry.push_mark(Mark.LIMITER, self.guard.attenuation_db)
        if self.rung is not self._told_rung:
            self._told_rung = self.rung
            self._telemetry.push_mark(Mark.RUNG, float(self.rung))
        self.channels.gather(inp, heard)
        # One sum finds NaN and infinity; only then is the block looked at sample by sample.
        if not math.isfinite(float(heard.dot(heard))):
            self._clean(heard)
        self.master.hear(heard)
        self._go_on(heard, wet, dry, out)

    def turn(self) -> bool:
        """Take over values that have changed; whether a block may be calm with them. Real-time."""
        self._take_values(self._control.values)
        self._telemetry.push_values(self._control.values)
        return not (self._mute_wanted or self._sounds_tone)

    def _go_on(self, heard: Audio, wet: Audio, dry: Audio, out: Audio) -> None:
        """Play a block whose input is ready."""
        try:
            self._make(heard, wet, dry)
        except Exception:  # whatever it was
            self._spoil(wet, dry)
        if self._sounds_tone:
            self._tone.add(wet, self._tone_wanted)
            self._sounds_tone = self._tone_wanted or not self._tone.silent
        self.finish(heard, wet, dry, out)

    def _spoil(self, wet: Audio, dry: Audio) -> None:
        """Something broke: the guard takes this for a bad block, and bridges it."""
        wet.fill(np.nan)
        dry.fill(0.0)

    def _break_off(self, out: Audio) -> None:
        """Play a calm block in which something broke."""
        self._stir()
        start, frames = self.unshown, out.shape[0]
        heard, wet = self.heard[start : start + frames], self.wet[start : start + frames]
        self._spoil(wet, self.dry[:frames])
        self.finish(heard, wet, self.dry[:frames], out)

    def finish(self, heard: Audio, wet: Audio, dry: Audio, out: Audio) -> None:
        """Bring a block that the voice has made out, whatever it is like."""
        self._protect(wet, dry)
        self.channels.hand_out(wet, out)
        self._report(heard, wet)
        self._calm = self._is_calm()

    def _is_calm(self) -> bool:
        """Whether the next block needs no more than the model, as far as this one tells."""
        if (
            self._steady is None
            or not isinstance(self.voice, Voice)
            or self._state() is not State.PLAYING
            or self._told_rung is not Rung.FULL
            or not self._levels.at_rest
            or self._unheard
            or self._just_whole
            or self._sounds_tone
            or self._waiting
            or self._panicking
            or self._left
        ):
            return False
        return self._steady.is_for(self.voice)

    def _stir(self) -> None:
        """The next block is not as calm as the last one."""
        if self._calm and self._steady is not None:
            self._steady.put_back()
        self._calm = False

    def _begin(self, values: Audio) -> None:
        """Knobs may have moved since all was prepared; nothing has been heard yet."""
        self._unheard = False
        self.voice.land(values)
        self.master.land()
        self._mark_voice(values)

    def _begin_swap(self) -> None:
        """Take up the change that is offered, before the values of this block are known."""
        swap = self._swap = self.offered
        self.offered = None
        if swap is None:
            return
        if self._steady is not None:
            self._steady.let_go()
        self._swap_frame = self._frame
        self._telemetry.push_mark(Mark.SWAP, float(swap.overlap))
        if not swap.apart:
            return
        swap.hold(self._control.values)
        self.master.depart()
        if swap.scene is not None:
            self._control.enter(swap.scene)
            self._take_values(self._control.values)
            swap.take_apart(self.master.lead)
            self._telemetry.push_values(self._control.values)
        self._telemetry.push_mark(Mark.APART, swap.lead)

    def _mark_voice(self, values: Audio) -> None:
        """Leave in the telemetry all that a replay from here on has to know."""
        self._levels.howl.restart()
        self._telemetry.start_voice(values)
        self._told_rung = self.rung
        self._telemetry.push_mark(Mark.RUNG, float(self.rung))

    def _take_values(self, values: Audio) -> None:
        """What the path itself needs of the parameters, once for each change of them."""
        self.master.take(values)
        self._mute_wanted = bool(values[_MUTE] >= 0.5)
        self._tone_wanted = bool(values[_TEST_TONE] >= 0.5)
        self._sounds_tone = self._sounds_tone or self._tone_wanted

    def _clean(self, heard: Audio) -> None:
        np.nan_to_num(heard, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
        self._telemetry.add("guard_repairs")

    def _make(self, heard: Audio, wet: Audio, dry: Audio) -> None:
        values = self._control.values
        if self._swap is None:
            voice = self.voice
            voice.rung, voice.patient = self.rung, self.patient
            voice.process(heard, wet, dry, values, self._control.serial)
            self.master.finish(wet, dry)
            return
        swap = self._swap
        for voice in self._voices():
            voice.rung, voice.patient = self.rung, self.patient
        self._change(swap, heard, wet, dry)
        if swap.apart:
            wet += dry
        else:
            self.master.finish(wet, dry)

    def _change(self, swap: Swap, heard: Audio, wet: Audio, dry: Audio) -> None:
        unheard = swap.heard_from is None
        control = self._control
        swap.process(heard, wet, dry, control.values, self.master, control.serial)
        if unheard and swap.heard_from is not None:
            self.start_frame = self._swap_frame + swap.heard_from
            self._mark_voice(self._control.values)
        if swap.done:
            self.voice, self._swap = swap.new, None
            self._just_whole = True
            if swap.apart:
                self.master.join()
            self.whole_frame = self._swap_frame + swap.whole_from
            self._display.voice(self.voice, self.start_frame)

    def _protect(self, wet: Audio, dry: Audio) -> None:
        if self._control.panic_count != self._panics:
            self._panics = self._control.panic_count
            self._panicking = True
            self._telemetry.push_mark(Mark.PANIC)
        leaving = self.leaving  # set by another thread
        if leaving and not self._left:
            self._left = True
            self._telemetry.push_mark(Mark.LEAVING)
        self._waiting = self._waiting and not (
            self.voice.rows or self.voice.given_up or self.rung is Rung.DRY
        )
        muted = self._waiting or self._panicking or leaving or self._mute_wanted
        flags = self.guard.process(wet, muted or self.rung is Rung.SILENT, dry)
        self._levels.turn_down(wet)
        if self._panicking and self.guard.silent:
            for voice in self._voices():
                voice.forgive()
            self._panicking = False
        if flags & REPAIRED:
            self._telemetry.add("guard_repairs")
        if flags & LIMITED:
            self._levels.limited = True
            self._telemetry.add("limited_blocks")

    def _voices(self) -> tuple[Playable, ...]:
        return (self.voice,) if self._swap is None else (self._swap.old, self._swap.new)

    def _state(self) -> State:
        if self.rung is Rung.SILENT and not self._mute_wanted:
            return State.SILENT
        if self._mute_wanted or self.guard.silent:
            return State.MUTED
        if self._swap is not None:
            return State.SWAPPING
        if self._levels.howl.ducked:
            return State.DUCKED
        if self.voice.dry_only:
            return State.DRY
        return State.HOLDING if self.rung is Rung.HOLDING else State.PLAYING

    def _report(self, heard: Audio, played: Audio) -> None:
        for voice in self._voices():
            self.encoder_s += voice.encoder_s
            self.control_s += voice.control_s
            self.decoder_s += voice.decoder_s
        self._display.block(self._voices(), self.voice, heard, played)
        self.unshown += played.shape[0]
        if self.unshown >= _SHOW_FRAMES or not self._levels.settled:
            self.show_levels()
        self._display.latency(self.voice)
        self._telemetry.set_state(self._state())

    def show_levels(self) -> None:
        """Show how loud it was where that has not been shown yet."""
        frames = self.unshown
        if self._steady is not None:
            heard, played = self._steady.levels(frames)
        else:
            heard, played = level_of(self.heard[:frames]), level_of(self.wet[:frames])
        self._levels.take(frames, heard, played)
        self._display.control(self.voice)
        self.unshown = 0
        if not self._levels.at_rest:
            self._stir()


def _steady_for(
    path: BlockPath, control: ControlReader, telemetry: TelemetryWriter
) -> "Steady | None":
    """Return what plays a path's calm blocks; None where their size varies or nothing compiles."""
    frames = path.stream.block_size
    if not 0 < frames <= path.max_block:
        return None
    try:
        from rtvae.engine.steady import Steady

        return Steady(path, frames, _SHOW_FRAMES, control, telemetry)
    except (ImportError, OSError, RuntimeError):
        return None
