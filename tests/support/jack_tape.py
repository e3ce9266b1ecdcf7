"""A JACK client that plays or records a known sound: the other end of a live test.

    python jack_tape.py play SOUND.npy         plays silence; at each line on stdin, the sound once
    python jack_tape.py record CHANNELS OUT.npy    records until a line comes on stdin

Both say "running" when their first block has been, and use PortAudio as the engine does.
"""

import sys

import numpy as np
import sounddevice


def play(path: str) -> None:
    sound = np.load(path)
    at, wanted, begun = sound.shape[0], 0, 0

    def callback(out: object, frames: int, time: object, status: object) -> None:
        nonlocal at, begun
        if wanted != begun:
            at, begun = 0, wanted
        block = np.frombuffer(out, np.float32)  # type: ignore[call-overload]
        part = sound[at : at + frames]
        block[: part.shape[0]] = part
        block[part.shape[0] :] = 0.0
        at = min(at + frames, sound.shape[0])

    with sounddevice.RawOutputStream(
        samplerate=48_000, blocksize=0, channels=1, dtype="float32", callback=callback
    ):
        print("running", flush=True)
        for _ in sys.stdin:
            wanted += 1


def record(channels: int, path: str) -> None:
    blocks = []

    def callback(heard: object, frames: int, time: object, status: object) -> None:
        block = np.frombuffer(heard, np.float32)  # type: ignore[call-overload]
        blocks.append(block.reshape(frames, channels).copy())

    with sounddevice.RawInputStream(
        samplerate=48_000, blocksize=0, channels=channels, dtype="float32", callback=callback
    ):
        print("running", flush=True)
        sys.stdin.readline()
    np.save(path, np.concatenate(blocks))
    print("saved", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "play":
        play(sys.argv[2])
    else:
        record(int(sys.argv[2]), sys.argv[3])
