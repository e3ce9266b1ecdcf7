"""All that one frame of the window shows, computed from the shared memory, without Qt.

`advance` is called once a frame; afterwards the attributes hold what to draw. Nothing here keeps
an array of the shared memory: everything is copied and made finite (or NaN, for "draw nothing").
"""

from collections.abc import Callable, Collection

import numpy as np
from numpy.typing import NDArray

from rtvae.control.parameters import index_of
from rtvae.link.control_block import ControlReader
from rtvae.link.layout import LATENT_ROWS, SCOPE_FRAMES, TIMING_ROWS
from rtvae.link.telemetry import TelemetryReader
from rtvae.window.edits import PendingEdits
from rtvae.window.facts import Facts, read_facts
from rtvae.window.levels import Level
from rtvae.window.liveness import WAITING, Condition, Liveness, condition
from rtvae.window.load import block_load
from rtvae.window.motion import Motion, read_motion
from rtvae.window.readings import Reading, dropouts_reading, latency_reading, load_reading
from rtvae.window.spectrum import CalmCurve, LogSpectrum
from rtvae.window.trajectories import LatentHistory, SpectrogramHistory, TimeScale, time_scale

READINGS_S = 0.25
RECENT_S = 2.0
SPECTRUM_FFT_FRAMES = 4096
SPECTRUM_BANDS = 200
INPUT_CLIPS_AT = 0.999
OUTPUT_CLIPS_AT = 1.0
STEADY_TRIES = 5
INPUT, OUTPUT, SPECTRA = "input", "output", "spectra"
_MUTE = index_of("mute")

_Pair = tuple[NDArray[np.float32], NDArray[np.float32]]


class Picture:
    """What the window shows. All times are seconds of one monotonic clock, given by the caller.

    `wanted` names what is computed only while somebody looks: INPUT and OUTPUT, the spectrograms,
    and SPECTRA.
    """

    facts: Facts
    motion: Motion
    condition: Condition
    scale: TimeScale
    latents: LatentHistory
    spectrograms: dict[str, SpectrogramHistory]
    input_curve: CalmCurve
    output_curve: CalmCurve
    latency: Reading
    load: Reading
    dropouts: Reading
    sound: _Pair

    def __init__(self, telemetry: TelemetryReader, control: ControlReader, now_s: float) -> None:
        self.edits = PendingEdits()
        self.host_alive = True
        self.input_level = Level(INPUT_CLIPS_AT)
        self.output_level = Level(OUTPUT_CLIPS_AT)
        self.stream_serial = 0
        self.panicked = False
        self.waiting = False
        self.wanted: Collection[str] = (INPUT, OUTPUT, SPECTRA)
        self._telemetry = telemetry
        self._control = control
        self._liveness = Liveness(now_s)
        self._stream: tuple[int, ...] = ()
        self._latent_rows = int(telemetry.scalar("latent_rows"))
        self._scope_frames = int(telemetry.scalar("scope_frames"))
        self._panics = control.panic_count
        self._panicked_s = -np.inf
        self._readings_s = -np.inf
        self._dropped_s = -np.inf
        self._dropouts: int | None = None
        self._limited: int | None = None
        self.advance(now_s)

    def advance(self, now_s: float) -> None:
        """Take in everything that is new."""
        self.facts = read_facts(self._telemetry)
        self._control.refresh()
        self.edits.settle(self._control.values, now_s)
        self.motion = read_motion(self._telemetry, self._control.values)
        alive = self._liveness.alive(self.facts.blocks, now_s, self.facts.block_s)
        said = condition(self.facts.state, alive, self.host_alive)
        self.condition = WAITING if self.waiting and self.host_alive else said
        self._follow_stream()
        self._take_latents()
        self._take_sound(now_s)
        self._take_events(now_s)
        if now_s - self._readings_s >= READINGS_S:
            self._readings_s = now_s
            self._take_readings(now_s)

    def parameter(self, index: int) -> float:
        """Return a parameter's value as the controls should show it."""
        return self.edits.value(index, self._control.values)

    @property
    def muted(self) -> bool:
        """Whether the player asked for silence."""
        return self.parameter(_MUTE) >= 0.5

    def newest_latents(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the last column as encoded and as played, `(latents,)` each; NaN when unknown."""
        if self.latents.encoded.count == 0:
            nothing = np.full(self.facts.latents, np.nan, np.float32)
            return nothing, nothing
        return self.latents.encoded.newest(1)[0], self.latents.played.newest(1)[0]

    def _follow_stream(self) -> None:
        facts = self.facts
        stream = (facts.sample_rate_hz, facts.hop_frames, facts.latents, facts.model_serial)
        if stream == self._stream:
            return
        self._stream = stream
        self.stream_serial += 1
        self.scale = time_scale(facts.sample_rate_hz, facts.hop_frames)
        self.latents = LatentHistory(facts.latents, self.scale.hops_per_column)
        self.spectrograms = {name: self._new_spectrogram() for name in (INPUT, OUTPUT)}
        self._spectrum = LogSpectrum(facts.sample_rate_hz, SPECTRUM_FFT_FRAMES, SPECTRUM_BANDS)
        self.centres_hz = self._spectrum.centres_hz
        self.input_curve = CalmCurve(SPECTRUM_BANDS)
        self.output_curve = CalmCurve(SPECTRUM_BANDS)

    def _new_spectrogram(self) -> SpectrogramHistory:
        return SpectrogramHistory(self.facts.sample_rate_hz, self.scale.frames_per_column)

    def _take_latents(self) -> None:
        seen = self._latent_rows
        self._latent_rows, (encoded, played) = self._steady(
            "latent_rows", lambda count: self._telemetry.latents(_fresh(count, seen, LATENT_ROWS))
        )
        # A model swap may fall between reading the facts and reading the rows.
        if encoded.shape[1] == played.shape[1] == self.facts.latents > 0:
            self.latents.push(encoded, played)

    def _take_sound(self, now_s: float) -> None:
        seen = self._scope_frames
        self._scope_frames, sounds = self._steady(
            "scope_frames",
            lambda count: self._telemetry.scope(
                max(_fresh(count, seen, SCOPE_FRAMES), SPECTRUM_FFT_FRAMES)
            ),
        )
        fresh = _fresh(self._scope_frames, seen, SCOPE_FRAMES)
        heard, played = self.sound = (_finite(sounds[0]), _finite(sounds[1]))
        self.input_level.update(heard[heard.size - fresh :], now_s)
        self.output_level.update(played[played.size - fresh :], now_s)
        silence = np.zeros(0, np.float32)
        if SPECTRA in self.wanted:
            for curve, sound in ((self.input_curve, heard), (self.output_curve, played)):
                curve.update(self._spectrum.levels_db(sound if fresh else silence), now_s)
        for name, sound in ((OUTPUT, played), (INPUT, heard)):
            if name in self.wanted:
                self.spectrograms[name].push(sound[sound.size - fresh :])
            elif self.spectrograms[name].columns.count:
                # What comes later does not follow upon what is there.
                self.spectrograms[name] = self._new_spectrogram()

    def _steady(self, counter: str, take: Callable[[int], _Pair]) -> tuple[int, _Pair]:
        """Take entries of a ring while its counter stands still, so that none is lost or doubled.

        The engine writes about every millisecond and taking is faster; after some tries the last
        one has to do.
        """
        for _ in range(STEADY_TRIES):
            count = int(self._telemetry.scalar(counter))
            taken = take(count)
            if int(self._telemetry.scalar(counter)) == count:
                break
        return count, taken

    def _take_events(self, now_s: float) -> None:
        facts = self.facts
        if self._limited is not None and facts.limited_blocks > self._limited:
            self.output_level.mark(now_s)
        self._limited = facts.limited_blocks
        if self._dropouts is not None and facts.dropouts > self._dropouts:
            self._dropped_s = now_s
        self._dropouts = facts.dropouts
        panics = self._control.panic_count
        if panics != self._panics:
            self._panics, self._panicked_s = panics, now_s
        self.panicked = now_s - self._panicked_s < RECENT_S

    def _take_readings(self, now_s: float) -> None:
        facts = self.facts
        blocks_per_s = facts.sample_rate_hz / max(facts.block_size, 1)
        rows = int(min(TIMING_ROWS, max(256, 4 * blocks_per_s)))
        self.latency = latency_reading(facts)
        self.load = load_reading(block_load(*self._telemetry.timing(rows), facts.sample_rate_hz))
        self.dropouts = dropouts_reading(facts, now_s - self._dropped_s < RECENT_S)


def _fresh(count: int, seen: int, length: int) -> int:
    """How many entries of a ring are new; a counter that went back has started anew."""
    return min(count - seen if count >= seen else count, length)


def _finite(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.clip(np.nan_to_num(sound, nan=0.0), -16.0, 16.0).astype(np.float32)
