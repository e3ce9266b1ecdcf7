"""The desk: a helper thread that takes the host's commands while the audio thread plays.

Loading and warming up happen here; the audio thread only takes over a reference. What it has let
go of is freed here too. When the host is gone (end of its lines) the desk closes and the sound
plays on.
"""

import gc
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from rtvae.engine.block_path import BlockPath
from rtvae.engine.messages import Load, Quit, event, parse
from rtvae.engine.voice import Voice
from rtvae.errors import ModelError, RtvaeError
from rtvae.io.drivers import DEFAULT_BLOCK_SIZE
from rtvae.link.control_block import ControlReader
from rtvae.model.live import LiveModel
from rtvae.spec import ModelCard

SAFE_SHARE = 0.6
"""Two models may overlap if together they take no more than this share of a block period."""

_POLL_S = 0.005
_FADE_OUT_S = 0.4


class Outbox:
    """Sends events to the host, from any thread but the audio thread; a dead host is no fault."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, line: str) -> None:
        """Send one line."""
        with self._lock:
            try:
                self._stream.write(line + "\n")
                self._stream.flush()
            except (OSError, ValueError):
                pass  # nobody listens any more; the sound matters more than the message

    def notice(self, sentence: str) -> None:
        """Send something worth knowing that stops nothing."""
        self.send(event("notice", sentence=sentence))


class Desk:
    """Serves `lines` for the path that plays; `load` makes a model from a path."""

    def __init__(
        self,
        lines: Iterator[str],
        outbox: Outbox,
        path: BlockPath,
        control: ControlReader,
        load: Callable[[Path], LiveModel],
    ) -> None:
        self._lines, self._outbox, self._path = lines, outbox, path
        self._control, self._load = control, load
        self._stop = False
        self._thread = threading.Thread(target=self._serve, name="desk", daemon=True)

    def open(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stopped(self) -> bool:
        """Whether the stream should end. Real-time: one read."""
        return self._stop

    def quit(self) -> None:
        """Fade out, then end the stream."""
        self._path.leaving = True
        deadline = time.monotonic() + _FADE_OUT_S
        while not self._path.silent and time.monotonic() < deadline:
            time.sleep(_POLL_S)
        self._stop = True

    def _serve(self) -> None:
        for line in self._lines:
            try:
                command = parse(line)
                if isinstance(command, Quit):
                    self.quit()
                    return
                if isinstance(command, Load):
                    self._change_model(command.model)
                else:
                    self._refuse("The stream is open already; quit before you start another.")
            except RtvaeError as error:
                self._refuse(str(error))
            except Exception as error:  # a dead desk would leave the player without commands
                self._refuse(f"The command failed inside the engine ({error!r}); try again.")
            # The collector is off while playing. What is older than the stream is frozen, so
            # this look at the little that a command leaves behind takes 0.2 ms.
            gc.collect()

    def _refuse(self, sentence: str) -> None:
        self._outbox.send(event("refused", sentence=sentence))

    def _change_model(self, model_path: str) -> None:
        path, stream = self._path, self._path.stream
        model = self._load(Path(model_path))
        check_rate(model.card, stream.sample_rate_hz)
        voice = Voice(model, stream, path.max_block, self._control.values.copy())
        voice.warm_up(stream.block_size or DEFAULT_BLOCK_SIZE)
        swap = path.offer(voice, overlap=may_overlap(path, voice))
        while path.swapping and not self._stop:
            time.sleep(_POLL_S)
        del swap  # here, not on the audio thread, the old model goes
        self._outbox.send(event("loaded", **facts(voice)))


def may_overlap(path: BlockPath, voice: Voice) -> bool:
    """Whether the model that plays and a new one fit safely into one block period."""
    block_size = path.stream.block_size or DEFAULT_BLOCK_SIZE
    safe_s = SAFE_SHARE * block_size / path.stream.sample_rate_hz
    return path.voice.cost_s + voice.cost_s <= safe_s


def check_rate(card: ModelCard, sample_rate_hz: int) -> None:
    """Raise ModelError unless the model plays at the stream's rate."""
    if card.sample_rate_hz != sample_rate_hz:
        raise ModelError(
            f"The model {card.name} plays at {card.sample_rate_hz} Hz and not at "
            f"{sample_rate_hz} Hz; start with that sample rate, or choose another model."
        )


def facts(voice: Voice) -> dict[str, object]:
    """What the host is told about the model that plays."""
    card = voice.model.card
    return {
        "model": card.name,
        "title": card.title,
        "hop_frames": voice.model.hop_frames,
        "latents": [
            {"name": latent.name, "low": latent.low, "high": latent.high} for latent in card.latents
        ],
        "model_latency_frames": voice.model.delay_frames,
        "reblock_latency_frames": voice.reblock_latency_frames,
    }
