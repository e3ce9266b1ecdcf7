"""The recorder beside an engine on the bench: names, gaps, MIDI, and disks that let it down."""

import itertools
import os
import resource
import shutil
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile

from rtvae.control.parameters import index_of
from rtvae.host.recorder import FRESH_S, Phase
from rtvae.host.scribe import QUEUE
from rtvae.io.performance import read_performance
from rtvae.io.performance_writer import PerformanceWriter
from rtvae.link.layout import SCOPE_FRAMES
from rtvae.link.telemetry import TelemetryWriter
from tests.support.recorded_rig import RecordedRig
from tests.support.rig import RATE_HZ, noise, tone

SECOND = RATE_HZ


def rig(target: Path | None) -> RecordedRig:
    """An engine that passes the input on; nothing is recorded yet."""
    return RecordedRig(None, target)


def recording(target: Path) -> RecordedRig:
    """An engine that is being recorded."""
    take = rig(target)
    take.play(noise(SECOND // 4))
    take.record()
    take.play(noise(SECOND // 4))
    take.step()
    assert take.recorder.phase is Phase.RECORDING
    return take


def said(take: RecordedRig) -> str:
    return "\n".join(note.sentence for note in take.notes)


def until_idle(take: RecordedRig) -> None:
    """Play until the recorder has let go."""
    for _ in range(1000):
        if take.recorder.phase is Phase.IDLE:
            return
        take.play(tone(SECOND // 20))
        threading.Event().wait(0.002)
    raise AssertionError(said(take))


def test_one_key_starts_and_stops_and_the_file_is_named(tmp_path: Path) -> None:
    take = recording(tmp_path / "take")
    shown = take.recorder.shown
    assert shown == {"on": True, "file": "take.w64", "seconds": 0}
    take.play(tone(SECOND))
    assert take.recorder.shown is not None
    assert take.recorder.shown["seconds"] == 1
    take.record()
    until_idle(take)
    assert take.recorder.shown is None
    assert f"Recording to {tmp_path / 'take.w64'}; there is room for" in said(take)
    assert take.notes[-1].sentence.startswith("Recorded 1.2 s to")
    assert read_performance(tmp_path / "take.rtvp").ended == "stopped"
    take.record()
    take.play(tone(SECOND))
    assert take.finish().path == tmp_path / "take-2.rtvp", "the first take is not written over"


def test_without_a_name_it_is_dated_in_the_users_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    take = rig(None)
    take.record()
    take.play(tone(SECOND))
    performance = take.finish()
    assert performance.path.parent == tmp_path / "rtvae-recordings"
    made = datetime.strptime(performance.path.stem, "rtvae-%Y-%m-%d-%H%M%S")
    assert abs((made - datetime.fromisoformat(performance.head.made)).total_seconds()) <= 1.0


def test_a_folder_gets_a_dated_name(tmp_path: Path) -> None:
    take = rig(tmp_path)
    take.record()
    take.play(tone(SECOND))
    assert take.finish().path.parent == tmp_path


def test_dry_and_wet_are_what_was_heard_and_played(tmp_path: Path) -> None:
    take = rig(tmp_path / "take")
    take.rig.set(output_gain_db=-6.0, input_gain_db=-6.0)
    take.record()
    sound = noise(SECOND)
    take.play(sound)
    performance = take.finish()
    recorded = soundfile.read(performance.sound, dtype="float32")[0]
    frames = recorded.shape[0]
    heard = sound[take.first_frame : take.first_frame + frames]
    half = 10 ** (-6 / 20)
    whole = performance.voices[0].whole_frame
    assert np.allclose(recorded[:, 0], half * heard, atol=1e-6)
    assert np.allclose(recorded[whole:, 1], half * half * heard[whole:], atol=1e-6)


def test_midi_is_kept_with_its_frame(tmp_path: Path) -> None:
    take = recording(tmp_path / "take")
    for value in range(3):
        take.recorder.hear([0xB0, 21, value])
        take.play(tone(SECOND // 10))
    take.recorder.hear([0xF0, 1, 2, 3, 4, 0xF7])
    take.play(tone(SECOND // 10))
    packets = list(take.finish().packets())
    assert [data for _, data in packets] == [
        bytes([0xB0, 21, 0]),
        bytes([0xB0, 21, 1]),
        bytes([0xB0, 21, 2]),
        bytes([0xF0, 1, 2, 3, 4, 0xF7]),
    ]
    assert np.diff([frame for frame, _ in packets]).tolist() == [SECOND // 10] * 3


def test_a_fresh_start_that_fails_is_told_and_recorded_all_the_same(tmp_path: Path) -> None:
    take = rig(tmp_path / "take")
    take.rig.set(mix=0.5)
    take.play(tone(SECOND // 4))
    take.fresh = lambda: take.refuse("The model has vanished.")  # type: ignore[method-assign]
    take.record()
    take.play(tone(SECOND))
    performance = take.finish()
    assert "cannot be played back to the sample: The model has vanished." in said(take)
    assert performance.voices[0].origin == "unknown"
    mix = performance.turned["value"][performance.turned["index"] == index_of("mix")]
    assert mix[0] == 0.5


def test_a_loop_goes_on_when_the_recording_begins(tmp_path: Path) -> None:
    take = rig(tmp_path / "take")
    take.play(tone(SECOND // 4))
    take.fresh = lambda: pytest.fail("the loop is gone")  # type: ignore[method-assign]
    take.rig.memory["looper_rows"] = 750
    take.record()
    take.play(tone(SECOND))
    assert take.finish().voices[0].origin == "unknown"
    assert "a loop was there before it began" in said(take)


def test_an_engine_that_never_answers_is_recorded_all_the_same(tmp_path: Path) -> None:
    take = rig(tmp_path / "take")
    take.fresh = lambda: None  # type: ignore[method-assign]
    take.record()
    take.play(tone(SECOND))
    assert take.recorder.shown == {"on": False, "file": "", "seconds": 0}
    take.clock_s += FRESH_S
    take.play(tone(SECOND))
    assert take.finish().voices[0].origin == "unknown"
    assert "did not start afresh in time" in said(take)


def test_the_key_pressed_twice_before_it_begins_records_nothing(tmp_path: Path) -> None:
    take = rig(tmp_path / "take")
    take.playing = False
    take.record()
    take.record()
    take.started()
    take.play(tone(SECOND))
    assert take.recorder.phase is Phase.IDLE
    assert list(tmp_path.iterdir()) == []


def test_a_new_engine_follows_after_silence_as_long_as_the_pause(tmp_path: Path) -> None:
    take = recording(tmp_path / "take")
    take.play(noise(SECOND))
    # The old engine is gone; 2 s later another one writes into the same memory.
    for pause_s in (0.1, 1.9):
        take.clock_s += pause_s
        take.step()
    take.rig.memory["engine_pid"] = 2
    TelemetryWriter(take.rig.memory)
    take.started()
    first = int(take.rig.memory["frames"])
    take.play(noise(SECOND, seed=1))
    performance = take.finish()
    (gap,) = performance.gaps
    assert gap.frames == pytest.approx(2.0 * RATE_HZ, abs=0.2 * RATE_HZ)
    assert "engine was started again" in gap.why
    assert "s of silence for the new engine" in said(take)
    wet = soundfile.read(performance.sound, dtype="float32")[0][:, 1]
    assert not wet[gap.frame : gap.frame + gap.frames].any()
    again = wet[gap.frame + gap.frames :]
    assert np.array_equal(again, np.concatenate(take.wet)[first:][: again.shape[0]])
    assert performance.voices[-1].origin == "started"


@pytest.fixture
def small_files() -> Iterator[None]:
    """Files can grow to half a megabyte and no further, as on a disk that is full then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 19, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("small_files")
def test_a_full_disk_ends_the_recording_and_keeps_it(tmp_path: Path) -> None:
    take = recording(tmp_path / "take")
    until_idle(take)
    assert take.notes[-1].level == "error"
    assert said(take).count("Recording stopped:") == 1
    assert "check the folder's permissions and the free space" in said(take)
    performance = read_performance(tmp_path / "take.rtvp")
    recorded = soundfile.read(performance.sound, dtype="float32")[0]
    assert recorded.shape[0] > 1.2 * RATE_HZ
    played = np.concatenate(take.wet)[take.first_frame :]
    assert np.array_equal(recorded[:, 1], played[: recorded.shape[0]])
    assert performance.block_frames > 1.1 * RATE_HZ


def test_a_folder_that_is_removed_is_one_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "stick"
    take = recording(folder / "take")
    deadline = time.monotonic() + 10.0
    while not {"take.w64", "take.rtvp"} <= set(os.listdir(folder) if folder.exists() else ()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    shutil.rmtree(folder)
    until_idle(take)
    assert "was removed while it was recorded" in said(take)


def test_a_disk_with_hardly_any_room_is_refused_before_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil._ntuple_diskusage(10, 10, 1 << 20)  # type: ignore[attr-defined]
    monkeypatch.setattr(shutil, "disk_usage", lambda path: full)
    take = rig(tmp_path / "take")
    take.record()
    take.play(tone(SECOND))
    until_idle(take)
    assert "There is room for 3 s of recording" in said(take)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    take = rig(tmp_path / "file" / "take")
    take.record()
    take.play(tone(SECOND))
    until_idle(take)
    assert "No recording can be written in" in said(take)
    assert "choose another place with --record" in said(take)


def test_a_fault_that_nobody_foresaw_is_told_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = recording(tmp_path / "take")

    def fail(*_: object) -> None:
        raise MemoryError("no more")

    monkeypatch.setattr(PerformanceWriter, "add_sound", fail)
    until_idle(take)
    assert "The recorder failed (MemoryError('no more')); please report this." in said(take)


def test_a_recording_that_is_complete_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forced: dict[int, int] = {}

    def force(handle: int) -> None:
        found = os.fstat(handle)
        forced[found.st_ino] = found.st_size

    monkeypatch.setattr(os, "fsync", force)
    take = recording(tmp_path / "take")
    performance = take.finish()
    for path in (performance.sound, performance.path):
        assert forced[path.stat().st_ino] == path.stat().st_size
    assert tmp_path.stat().st_ino in forced


def test_a_disk_that_hangs_takes_no_more_memory_and_shifts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = recording(tmp_path / "take")
    goes_on, write = threading.Event(), PerformanceWriter.add_sound
    asked = itertools.count()

    def hang(self: PerformanceWriter, *sound: np.ndarray) -> None:
        next(asked)
        assert goes_on.wait(30)
        write(self, *sound)

    monkeypatch.setattr(PerformanceWriter, "add_sound", hang)
    long = SECOND * QUEUE // 20 + 2 * SCOPE_FRAMES
    take.play(noise(long, seed=1))
    assert next(asked) <= 1
    goes_on.set()
    while take.recorder.full:
        threading.Event().wait(0.01)
    take.play(noise(SECOND, seed=2))
    performance = take.finish()
    (gap,) = performance.gaps
    recorded = soundfile.read(performance.sound, dtype="float32")[0][:, 1]
    played = np.concatenate(take.wet)[take.first_frame :][: recorded.shape[0]]
    missing = slice(gap.frame, gap.frame + gap.frames)
    assert gap.frames > SCOPE_FRAMES // 4
    assert not recorded[missing].any()
    played[missing] = 0.0
    assert np.array_equal(recorded, played)
    assert said(take).count("fell behind") == 1
