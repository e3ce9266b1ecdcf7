"""The window as the host starts it: a process with two pipes and a session folder."""

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PyQt6.QtGui import QImage

import screenshot
from rtvae.link.session_memory import open_telemetry
from tests.support.fake_engine import FakeEngine, describe

PATIENCE_S = 30.0
FATAL = ("Traceback", "Fatal", "fatal", "Aborted", "QPainter", "QWidget", "QObject", "QThread")


PROGRAM = ("-m", "rtvae.window")
# The window with a fault in every frame that it draws.
FAULTY = """
import sys
from rtvae.window import trajectory_view
from rtvae.window.main import main
def paint(*_): raise ValueError("a fault in painting")
trajectory_view.TrajectoryView.paintEvent = paint
sys.exit(main(sys.argv[1:]))
"""
# The window, which says how many pixels its pictures have.
SHARP = """
import json, sys
from rtvae.window.main import main
from rtvae.window.main_window import MainWindow
tick = MainWindow.tick
def telling(self):
    tick(self)
    ring, knob = self.trajectories._ring, self.bank.strips[0].knob if self.bank.strips else None
    if ring is None or knob is None or knob._face is None:
        return
    view, face = self.trajectories, knob._face
    print(json.dumps({
        "ring": [ring.width, ring.height], "ring_of": [view._stage().width(), view.height()],
        "face": [face.width(), face.height()], "face_of": [knob.width(), knob.height()],
        "screen": [self.devicePixelRatioF(), self.grab().toImage().width(), self.width()],
    }), flush=True)
MainWindow.tick = telling
sys.exit(main(sys.argv[1:]))
"""
# The window, whose user closes it and gives an answer.
CLOSES = """
import sys
from PyQt6.QtCore import QTimer
from rtvae.window.main import main
from rtvae.window.main_window import MainWindow
show = MainWindow.showEvent
def close(self):
    self.close()
    self.presence.closing.buttons["ANSWER"].click()
def shown(self, event):
    show(self, event)
    QTimer.singleShot(300, lambda: close(self))
MainWindow.showEvent = shown
sys.exit(main(sys.argv[1:]))
"""


class Window:
    """A window process and what it says."""

    def __init__(
        self, folder: Path, screen: dict[str, str], program: Sequence[str] = PROGRAM
    ) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", *program, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=screen,
        )
        self._heard: queue.Queue[dict[str, Any]] = queue.Queue()
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._heard.put(json.loads(line))

    def say(self, line: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        return self._heard.get(timeout=PATIENCE_S)

    def end(self) -> tuple[int, str]:
        """Wait for the end; return the exit status and what was printed as errors."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        status = self.process.wait(PATIENCE_S)
        errors = self.process.stderr.read().decode()
        self._listener.join()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()
        return status, errors

    def kill(self) -> None:
        self.process.kill()
        self.end()


@contextmanager
def offscreen() -> Iterator[dict[str, str]]:
    yield {**os.environ, "QT_QPA_PLATFORM": "offscreen"}


# A machine without Xvfb (tools/test.py installs it) has the offscreen platform only.
HAS_XVFB = shutil.which("Xvfb") is not None
SCREENS: list[Callable[[], Any]] = [offscreen, *[screenshot.virtual_screen] * HAS_XVFB]


@pytest.mark.parametrize("screen", SCREENS)
def test_the_window_starts_understands_and_goes_when_asked(
    folder: Path, screen: Callable[[], Any]
) -> None:
    with screen() as environment:
        engine = FakeEngine(folder)
        window = Window(folder, environment)
        assert window.hear() == {"ready": True}
        window.say(json.dumps({"info": describe(16)}).encode())
        for line in (b"", b"\xff\xfe", b"{", b"[1]", b'{"info": 3}', b'{"message": "<b>hello"}'):
            window.say(line)
        for _ in range(50):
            engine.step()
            time.sleep(0.01)
        window.say(b'{"quit": true}')
        status, errors = window.end()
    assert status == 0
    assert [mark for mark in FATAL if mark in errors] == [], errors


def test_a_fault_in_every_frame_does_not_end_the_window(folder: Path) -> None:
    with offscreen() as environment:
        engine = FakeEngine(folder)
        window = Window(folder, environment, ("-c", FAULTY))
        window.hear()
        for _ in range(30):
            engine.step()
            time.sleep(0.02)
        window.say(b'{"quit": true}')
        status, errors = window.end()
    assert status == 0
    assert 1 <= errors.count("a fault in painting") <= 3


def test_the_window_outlives_its_host_and_can_be_killed_and_opened_again(folder: Path) -> None:
    with offscreen() as environment:
        FakeEngine(folder).step()
        first = Window(folder, environment)
        first.hear()
        assert first.process.stdin is not None
        first.process.stdin.close()
        time.sleep(0.3)
        assert first.process.poll() is None
        first.kill()
        second = Window(folder, environment)
        assert second.hear() == {"ready": True}
        second.say(b'{"quit": true}')
        assert second.end()[0] == 0


def test_ctrl_c_in_the_terminal_is_left_to_the_host(folder: Path) -> None:
    with offscreen() as environment:
        window = Window(folder, environment)
        window.hear()
        window.process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        window.say(b'{"quit": true}')
        status, errors = window.end()
    assert status == 0
    assert "KeyboardInterrupt" not in errors


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_pictures_are_as_sharp_as_the_screen(folder: Path, ratio: float) -> None:
    with offscreen() as environment:
        engine = FakeEngine(folder)
        engine.step()
        screen = {**environment, "QT_SCALE_FACTOR": str(ratio)}
        window = Window(folder, screen, ("-c", SHARP))
        said = window.hear()
        while "ring" not in said:
            said = window.hear()
        window.say(b'{"quit": true}')
        window.end()
    assert said["screen"][0] == ratio
    assert said["screen"][1] == pytest.approx(ratio * said["screen"][2], abs=1)
    for picture in ("ring", "face"):
        wanted = [ratio * side for side in said[f"{picture}_of"]]
        assert said[picture] == pytest.approx(wanted, abs=1)


def test_the_window_remembers_where_it_was_and_survives_a_damaged_memory(
    folder: Path, tmp_path: Path
) -> None:
    memory = tmp_path / "rtvae" / "window.json"
    with offscreen() as environment:
        FakeEngine(folder).step()
        for content in (None, '{"welcomed": true, "views": ["scope"], "look": "light"}', "{"):
            if content is not None:
                memory.write_text(content)
            window = Window(folder, {**environment, "RTVAE_CONFIG": str(memory.parent)})
            window.hear()
            window.say(b'{"quit": true}')
            status, errors = window.end()
            assert (status, errors.count("Traceback")) == (0, 0)
            kept = json.loads(memory.read_text())
            assert kept["place"][2:] == [pytest.approx(1280, abs=500), pytest.approx(800, abs=300)]
            if content is not None and "scope" in content:
                assert (kept["views"], kept["look"]) == (["scope"], "light")


@pytest.mark.parametrize(("answer", "said"), [("away", "away"), ("end", "closed")])
def test_the_answer_at_closing_reaches_the_host(folder: Path, answer: str, said: str) -> None:
    with offscreen() as environment:
        FakeEngine(folder).step()
        window = Window(folder, environment, ("-c", CLOSES.replace("ANSWER", answer)))
        heard = [window.hear(), window.hear()]
        status, errors = window.end()
    assert {said: True} in heard
    assert (status, errors.count("Traceback")) == (0, 0)


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rtvae.window", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=PATIENCE_S,
    )


def assert_one_sentence(ended: subprocess.CompletedProcess[str], status: int, word: str) -> None:
    assert ended.returncode == status
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1
    assert word in ended.stderr


def test_a_session_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    assert_one_sentence(run(str(tmp_path / "gone")), 1, "rtvae play")


def test_a_session_of_another_version_is_one_sentence(folder: Path) -> None:
    open_telemetry(folder)["version"] = 99
    assert_one_sentence(run(str(folder)), 1, "another version")


def test_wrong_use_is_one_sentence() -> None:
    assert_one_sentence(run(), 2, "SESSION_FOLDER")


if sys.platform.startswith("linux"):

    def test_no_screen_is_one_sentence(folder: Path) -> None:
        ended = run(str(folder), QT_QPA_PLATFORM="", DISPLAY="", WAYLAND_DISPLAY="")
        assert_one_sentence(ended, 1, "--no-window")


if HAS_XVFB:

    def test_on_a_real_screen_the_window_moves_with_the_sound(folder: Path, tmp_path: Path) -> None:
        engine = FakeEngine(folder)
        playing = threading.Event()
        ending = threading.Event()

        def play() -> None:
            while not ending.is_set():
                if playing.is_set():
                    for _ in range(8):
                        engine.step()
                time.sleep(0.02)

        player = threading.Thread(target=play)
        player.start()
        with screenshot.virtual_screen() as environment:
            window = Window(folder, environment)
            window.hear()
            window.say(json.dumps({"info": describe(16)}).encode())
            playing.set()
            time.sleep(1.5)
            grabs = [_grab(environment, tmp_path / "1.png"), _grab(environment, tmp_path / "2.png")]
            playing.clear()
            # Long enough for the meters and spectra to come to rest.
            time.sleep(5.0)
            grabs += [
                _grab(environment, tmp_path / "3.png"),
                _grab(environment, tmp_path / "4.png"),
            ]
            window.say(b'{"quit": true}')
            assert window.end()[0] == 0
        ending.set()
        player.join()
        moving, still = (np.mean(grabs[k] != grabs[k + 1]) for k in (0, 2))
        assert grabs[0].shape == (800, 1280, 4)
        assert moving > 0.03
        assert still < 0.001


def _grab(environment: dict[str, str], path: Path) -> np.ndarray:
    screenshot.photograph(environment, path)
    image = QImage(str(path)).convertToFormat(QImage.Format.Format_RGB32)
    bits = image.constBits()
    assert bits is not None
    return np.array(bits.asarray(image.sizeInBytes()), np.uint8).reshape(
        image.height(), image.width(), 4
    )
