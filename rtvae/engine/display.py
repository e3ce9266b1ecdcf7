"""Display: what the telemetry shows of the voice that plays, beside its sound and its latents."""

from rtvae.engine.blend import Playable
from rtvae.link.telemetry import TelemetryWriter


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
