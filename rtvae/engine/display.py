"""Display: what the telemetry shows of the voice that plays."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rtvae.engine.blend import Playable
from rtvae.link.layout import Mark
from rtvae.link.telemetry import TelemetryWriter

Audio = NDArray[np.float32]


class Display:
    """Writes into the telemetry what has changed. Real-time: no method allocates."""

    def __init__(self, telemetry: TelemetryWriter) -> None:
        self._telemetry = telemetry
        self._latency = -1

    def voice(self, voice: Playable, start_frame: int) -> None:
        """Show a voice that heard its first frame then."""
        model, telemetry = voice.model, self._telemetry
        telemetry.set("hop_frames", model.hop_frames)
        telemetry.set("latents", model.latents)
        self._latency = -1
        self.latency(voice)
        telemetry.set("voice_start_frame", start_frame)
        telemetry.add("model_serial")

    def block(
        self, voices: Sequence[Playable], voice: Playable, heard: Audio, played: Audio
    ) -> None:
        """Append a block, float32 `(frames,)` each, and the latents of `voice`, one of those."""
        telemetry = self._telemetry
        for one in voices:
            if one.failed:
                telemetry.add("guard_repairs")
            if one.concealed:
                telemetry.add("concealed_blocks")
        if any(one.concealed for one in voices):
            telemetry.push_mark(Mark.CONCEALED)
        if voice.rows:
            telemetry.push_latents(voice.mean, voice.bent)
        telemetry.push_scope(heard, played)

    def latency(self, voice: Playable) -> None:
        """Show the parts of a voice's latency, if it is another than before."""
        telemetry, latency = self._telemetry, voice.latency_frames
        if latency == self._latency:
            return
        self._latency = latency
        outside = voice.reblock_latency_frames + voice.buffer_latency_frames
        telemetry.set("model_latency_frames", latency - outside)
        telemetry.set("reblock_latency_frames", voice.reblock_latency_frames)
        telemetry.set("buffer_latency_frames", voice.buffer_latency_frames)

    def control(self, voice: Playable) -> None:
        """Show where modulators, beat, looper and leash are."""
        control, telemetry = voice.control, self._telemetry
        telemetry.show("modulator", control.modulators)
        telemetry.set("beat", control.beat)
        telemetry.set("looper_rows", control.looper_rows)
        telemetry.set("looper_at", control.looper_at)
        telemetry.set("leash_pull", control.leash_pull)
