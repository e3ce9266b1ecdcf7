"""From a knob to the sound: `rtvae play` on a JACK server, turned through a real MIDI port.

    python tools/bench/midi_latency.py [--frames 64,128] [--events 200] [--target latent.1.offset]

A controller of another client steps the output's level (or a latent) up and down; a third client
records what is played. A tone goes through, so that the first changed sample is seen within a
fraction of a millisecond. For each step it is measured when the parameter was set (in the session's
shared memory, looked at every 0.1 ms), and when the sound changed, as a sound card would be given
it: its own buffer comes on top.

A knob's way: the sending client's next period (JACK's MIDI), up to 1 ms until it is polled, the
engine's next block, and the first samples of a glide of 10 ms; of a latent, the model's next hop
and its decoder too.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from jack_stage import JackServer, Playing, Trouble
from rtvae.control.parameters import index_of
from rtvae.link.session_memory import open_control

SERVER = "rtvae-midi-bench"
RATE_HZ = 48_000
TONE_FRAMES = 64  # of 750 Hz; a whole hop, so that what a model makes of it repeats as well
KNOB = 20
LEVEL = "output_gain_db"
ENDS = {LEVEL: (-12.0, 0.0)}
LATENT_ENDS = (-1.0, 1.0)
CHANGED = 0.02
"""A change by this share of the tone's level is the knob's; a glide of 10 ms is there in 0.5 ms."""
LATER_BLOCKS = 100
LOOK_S = 1e-4
SETTLING_S = 2.0
BETWEEN_S = (0.06, 0.11)
PATIENCE_S = 1.0
PRESET = """format = 1
[mix]
mix = {mix}
[[midi]]
number = {knob}
target = "{target}"
low = {ends[0]}
high = {ends[1]}
"""


class Step(NamedTuple):
    """One turn of the knob: when it was sent, set and heard, in seconds of one clock."""

    sent_s: float
    set_s: float
    heard_s: float


class Recording:
    """A client that records one channel, and when each of its periods began."""

    def __init__(self) -> None:
        import sounddevice

        # PortAudio sees the servers of the moment at which it starts.
        self._portaudio = sounddevice
        self._let_go()
        sounddevice._initialize()
        self._blocks: list[bytes] = []
        self._begun_s: list[float] = []
        try:
            self._stream = sounddevice.RawInputStream(
                samplerate=RATE_HZ, blocksize=0, channels=1, dtype="float32", callback=self._take
            )
        except sounddevice.PortAudioError:
            self._let_go()
            raise

    def __enter__(self) -> "Recording":
        self._stream.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        self._let_go()

    def _let_go(self) -> None:
        """End PortAudio; with its server gone it would end the whole process instead."""
        while self._portaudio._initialized:
            self._portaudio._terminate()

    def _take(self, heard: Any, frames: int, moment: Any, status: Any) -> None:
        self._begun_s.append(time.monotonic())
        self._blocks.append(bytes(heard))

    @property
    def started(self) -> bool:
        """Whether a block has come."""
        return bool(self._blocks)

    def sound(self) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """Return what was recorded, and when each frame was, both `(frames,)`.

        A callback may be late and never is early: the earliest of the next ones says when a period
        began. Those before say nothing, for a server that drops a period shifts all that follow.
        """
        sound = np.frombuffer(b"".join(self._blocks), np.float32)
        sizes = np.array([len(block) // 4 for block in self._blocks])
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        late = np.array(self._begun_s) - starts / RATE_HZ
        late = np.concatenate([late, np.full(LATER_BLOCKS - 1, np.inf)])
        began = np.lib.stride_tricks.sliding_window_view(late, LATER_BLOCKS).min(axis=1)
        return sound, np.repeat(began, sizes) + np.arange(sound.shape[0]) / RATE_HZ


def changes(sound: NDArray[np.float32]) -> NDArray[np.intp]:
    """Return the frames at which a tone of TONE_FRAMES begins to change, `(changes,)`."""
    moved = np.abs(sound[TONE_FRAMES:] - sound[:-TONE_FRAMES])
    level = np.maximum(np.abs(sound[TONE_FRAMES:]), np.abs(sound[:-TONE_FRAMES]))
    near = np.lib.stride_tricks.sliding_window_view(level, TONE_FRAMES).max(axis=1)
    near = np.concatenate([np.full(TONE_FRAMES - 1, np.inf, np.float32), near])
    frames = np.flatnonzero(moved > CHANGED * near) + TONE_FRAMES
    quiet = np.diff(frames, prepend=-RATE_HZ) > BETWEEN_S[0] * RATE_HZ / 4
    return frames[quiet]


def match(
    turns: Sequence[tuple[float, float]], heard_s: NDArray[np.float64]
) -> tuple[list[Step], int]:
    """Return each turn (sent, set) with the first change after it, and how many had none."""
    steps, silent = [], 0
    for k, (sent_s, set_s) in enumerate(turns):
        until_s = turns[k + 1][0] if k + 1 < len(turns) else sent_s + PATIENCE_S
        after = heard_s[(heard_s > sent_s) & (heard_s < until_s)]
        if after.shape[0]:
            steps.append(Step(sent_s, set_s, float(after[0])))
        else:
            silent += 1
    return steps, silent


def turn_knob(
    knob: Any, values: NDArray[Any], events: int, target: str
) -> list[tuple[float, float]]:
    """Turn the knob so many times; return when each turn was sent and when it was set.

    A turn that is not set within PATIENCE_S was lost, as a server does that drops a period.
    """
    place, pace = index_of(target), random.Random(1)
    low, high = ENDS.get(target, LATENT_ENDS)
    turns = []
    for k in range(events):
        time.sleep(pace.uniform(*BETWEEN_S))
        goal = high if k % 2 else low
        sent_s = time.monotonic()
        knob.send_message([0xB0, KNOB, 127 if k % 2 else 0])
        while abs(float(values[place]) - goal) > 1e-3:
            if time.monotonic() - sent_s > PATIENCE_S:
                break
            time.sleep(LOOK_S)
        else:
            turns.append((sent_s, time.monotonic()))
    time.sleep(BETWEEN_S[1])
    return turns


def measure(period: int, events: int, model: str, target: str = LEVEL) -> tuple[list[Step], int]:
    """Play on a server of its own and return what was measured, and how many turns were lost."""
    import rtmidi

    with JackServer(SERVER, period) as server, tempfile.TemporaryDirectory() as folder:
        os.environ.update(server.environment)
        tone = 0.5 * np.sin(2.0 * np.pi * np.arange(10 * RATE_HZ) / TONE_FRAMES)
        soundfile.write(Path(folder) / "tone.wav", tone, RATE_HZ, subtype="FLOAT")
        (Path(folder) / "knob.toml").write_text(
            PRESET.format(
                mix=float(target != LEVEL),
                knob=KNOB,
                target=target,
                ends=ENDS.get(target, LATENT_ENDS),
            )
        )
        knob = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="knob")
        knob.open_virtual_port("out")
        arguments = [
            model, "--input", f"{folder}/tone.wav", "--loop", "--no-window", "--midi", "virtual",
            "--preset", f"{folder}/knob.toml", "--driver", "portaudio", "--fresh",
        ]  # fmt: skip
        with Playing(arguments, server.environment) as playing:
            played = server.find(":out_0")
            server.connect(server.find("knob:out"), server.find("rtvae:rtvae"))
            with Recording() as recording:
                while playing.alive and not recording.started:
                    time.sleep(LOOK_S)
                server.connect(played, server.find(":in_0"))
                time.sleep(SETTLING_S)
                session = playing.session
                if session is None:
                    raise Trouble("The session is over before it was measured.")
                turns = turn_knob(knob, open_control(session)["values"], events, target)
            sound, time_s = recording.sound()
        knob.delete()
    steps, silent = match(turns, time_s[changes(sound)])
    return steps, silent + events - len(turns)


def report(period: int, steps: Sequence[Step], silent: int) -> str:
    """Return the table of one period."""
    if not steps:
        raise Trouble("No change was heard at all.")
    found = np.array(steps)
    rows = {
        "sent until set": found[:, 1] - found[:, 0],
        "set until heard": found[:, 2] - found[:, 1],
        "sent until heard": found[:, 2] - found[:, 0],
    }
    period_ms = 1e3 * period / RATE_HZ
    lines = [
        f"{period} frames, period {period_ms:.2f} ms, {len(steps)} turns"
        + (f", {silent} lost" if silent else ""),
        f"  {'ms':18}{'p50':>8}{'p99':>8}{'max':>8}",
    ]
    for name, seconds in rows.items():
        p50, p99 = np.percentile(1e3 * seconds, [50, 99], method="higher")
        lines.append(f"  {name:18}{p50:8.2f}{p99:8.2f}{1e3 * seconds.max():8.2f}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure at each period and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--frames", default="64,128", help="periods of the JACK server")
    parser.add_argument("--events", type=int, default=200, help="turns of the knob at each")
    parser.add_argument("--model", default="transform")
    parser.add_argument("--target", default=LEVEL, help=f"{LEVEL}, or a latent's offset")
    asked = parser.parse_args(arguments)
    try:
        for period in map(int, asked.frames.split(",")):
            found = measure(period, asked.events, asked.model, asked.target)
            print(report(period, *found), flush=True)
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
