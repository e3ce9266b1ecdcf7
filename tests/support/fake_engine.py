"""A stand-in for the engine: writes moving telemetry into a session folder, block by block.

Tests step it by hand. `python -m tests.support.fake_engine` plays it in real time and stands in
for the host too: it starts the real window on the session, carries out its edits, and ends with
it. The sound is a slow melody with overtones; the latents are slow curves with some noise.
"""

import argparse
import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from rtvae.control.parameters import index_of, latent_bank
from rtvae.link.control_block import ControlReader, ControlWriter
from rtvae.link.layout import State
from rtvae.link.session_memory import (
    create_session_folder,
    open_control,
    open_telemetry,
    remove_session_folder,
)
from rtvae.link.telemetry import TelemetryWriter

RATE_HZ = 48_000
HOP_FRAMES = 64
NOTES_HZ = (110.0, 164.8, 220.0, 246.9, 329.6, 293.7, 196.0, 146.8)
NAMES = (
    "brightness", "body", "breath", "pitch up", "roughness", "vowel", "attack", "grain",
    "air", "depth", "formant", "tremor", "edge", "warmth", "noise", "a rather long name",
)  # fmt: skip


class FakeEngine:
    """Writes blocks; honours offset, scale, mix, gain and mute as the engine would, roughly."""

    def __init__(self, folder: Path, latents: int = 16, block_size: int = 128) -> None:
        self.telemetry = TelemetryWriter(open_telemetry(folder))
        self.control = ControlReader(open_control(folder))
        self.latents = latents
        self.block_size = block_size
        self._frame = 0
        self._random = np.random.default_rng(5)
        for name, value in (
            ("sample_rate_hz", RATE_HZ),
            ("block_size", block_size),
            ("hop_frames", HOP_FRAMES),
            ("latents", latents),
            ("model_serial", 1),
            ("device_latency_frames", 256),
            ("model_latency_frames", 187),
        ):
            self.telemetry.set(name, value)

    def step(self) -> None:
        """Write one block."""
        self.control.refresh()
        values = self.control.values
        muted = values[index_of("mute")] >= 0.5
        seconds = (self._frame + np.arange(self.block_size)) / RATE_HZ
        heard = self._melody(seconds) * 10 ** (values[index_of("input_gain_db")] / 20)
        played = np.tanh(2.5 * heard) * 0.6 * 10 ** (values[index_of("output_gain_db")] / 20)
        mix = values[index_of("mix")]
        played = (mix * played + (1 - mix) * heard) * (0.0 if muted else 1.0)
        hops = self.block_size // HOP_FRAMES
        encoded = self._encode(seconds[::HOP_FRAMES][:hops])
        last = latent_bank("offset", self.latents)
        scale = values[latent_bank("scale", self.latents)]
        self.telemetry.push_latents(encoded, encoded * scale + values[last])
        self.telemetry.push_scope(heard.astype(np.float32), played.astype(np.float32))
        period_us = self.block_size / RATE_HZ * 1e6
        encoder, decoder = period_us * self._random.normal((0.1, 0.12), 0.01)
        spike = period_us * 0.3 * (self._random.random() < 0.02)
        self.telemetry.push_timing(
            self.block_size, encoder + decoder + 60 + spike, encoder, 12, decoder
        )
        self.telemetry.set_state(State.MUTED if muted else State.PLAYING)
        self.telemetry.add("blocks")
        self.telemetry.add("frames", self.block_size)
        self._frame += self.block_size

    def _melody(self, seconds: np.ndarray) -> np.ndarray:
        beat = seconds * 2.5
        note = NOTES_HZ[int(beat[0]) % len(NOTES_HZ)]
        loudness = 0.35 * np.exp(-2.5 * (beat % 1.0)) * (0.6 + 0.4 * np.sin(beat[0]))
        tone = sum(np.sin(2 * np.pi * note * k * seconds) / k**1.3 for k in range(1, 16))
        return loudness * tone + 2e-3 * self._random.standard_normal(seconds.size)

    def _encode(self, seconds: np.ndarray) -> np.ndarray:
        k = np.arange(self.latents)
        slow = np.sin(2 * np.pi * seconds[:, None] * (0.15 + 0.11 * (k % 7)) + k)
        beats = np.exp(-3.0 * ((seconds[:, None] * 2.5 + 0.13 * (k % 5)) % 1.0))
        noise = 0.08 * self._random.standard_normal((seconds.size, self.latents))
        share = ((k % 4) / 3.0).astype(np.float64)
        return (1.4 * slow * (1 - share) + 2.2 * (beats - 0.4) * share + noise).astype(np.float32)


def describe(latents: int) -> dict[str, Any]:
    """Return the host's `info` for a model with that many latents."""
    names = [NAMES[k] if k < len(NAMES) else str(k + 1) for k in range(latents)]
    return {
        "model": {
            "name": "rooms-16",
            "title": "Rooms and voices",
            "latents": [{"name": name, "low": -3.0, "high": 3.0} for name in names],
        },
        "models": ["rooms-16", "bells-8", "choir-32"],
        "device": "USB Audio CODEC, 128 frames",
        "preset": "stage",
        "midi": "nanoKONTROL2",
        "sample_rate_hz": RATE_HZ,
    }


def main() -> None:
    """Play in real time with the real window."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--latents", type=int, default=16)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--freeze-after-s", type=float, default=float("inf"))
    chosen = parser.parse_args()
    folder = create_session_folder()
    control = ControlWriter(open_control(folder))
    for name, value in (change.split("=") for change in chosen.set):
        control.set(index_of(name), float(value))
    engine = FakeEngine(folder, chosen.latents)
    window = subprocess.Popen(
        [sys.executable, "-m", "rtvae.window", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    threading.Thread(target=_obey, args=(window, control, chosen.latents), daemon=True).start()
    try:
        start_s = time.monotonic()
        while window.poll() is None:
            late_s = time.monotonic() - start_s
            while engine._frame / RATE_HZ < min(late_s, chosen.freeze_after_s):
                engine.step()
            time.sleep(0.005)
    except KeyboardInterrupt:
        pass
    finally:
        window.kill()
        remove_session_folder(folder)


def _obey(window: subprocess.Popen[str], control: ControlWriter, latents: int) -> None:
    def say(said: dict[str, Any]) -> None:
        assert window.stdin is not None
        window.stdin.write(json.dumps(said) + "\n")
        window.stdin.flush()

    assert window.stdout is not None
    for line in window.stdout:
        print(line, end="", flush=True)
        heard = json.loads(line)
        if heard.get("ready"):
            say({"info": describe(latents)})
            say({"message": "Playing rooms-16 through USB Audio CODEC.", "level": "info"})
        for name, value in heard.get("set", {}).items():
            control.set(index_of(name), value)
        if heard.get("panic"):
            control.panic()
        if "load" in heard:
            say({"message": f"There is no model {heard['load']} here.", "level": "error"})


if __name__ == "__main__":
    main()
