"""Trainings as their users run them: killed in the middle, or spread over two processes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.toy_training import curve, losses, write_small_start, write_tones

TRAIN = ("-W", "error", "-m", "rtvae", "train")
TWO = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", *TRAIN[3:])
# One thread each: sums of floats come in the same order, and nobody waits for a busy core.
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1"}


STEPS = 8


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with recordings, a small model to start from, and a run that nothing disturbed."""
    place = tmp_path_factory.mktemp("processes")
    write_tones(place / "recordings")
    write_small_start(place / "small.safetensors")
    whole = _run(*TRAIN, *_options(place, place / "whole"))
    assert whole.returncode == 0, whole.stderr
    return place


def _options(place: Path, run: Path, folder: str = "recordings", steps: int = STEPS) -> list[str]:
    where = [str(place / folder), "--run-folder", str(run), "--device", "cpu", "--no-tensorboard"]
    start = ["--from", str(place / "small.safetensors"), "--adversarial"]
    return [*where, *start, "--max-steps", str(steps)]


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    whole = [sys.executable, *command]
    return subprocess.run(whole, env=ENVIRONMENT, capture_output=True, text=True, timeout=200)


def _start(*command: str) -> "subprocess.Popen[str]":
    whole = [sys.executable, *command]
    pipe = subprocess.PIPE
    return subprocess.Popen(whole, env=ENVIRONMENT, stdout=pipe, stderr=pipe, text=True)


def _wait_for_step(run: Path, step: int, process: "subprocess.Popen[str]") -> None:
    while process.poll() is None:
        if (run / "log.jsonl").exists() and max(curve(run), default=-1) >= step:
            return
        time.sleep(0.02)
    raise AssertionError(process.communicate())


def test_a_killed_training_repeats_the_losses_of_one_that_was_not(
    place: Path, tmp_path: Path
) -> None:
    command = [*TRAIN, *_options(place, tmp_path)]
    process = _start(*command)
    _wait_for_step(tmp_path, 4, process)
    process.kill()
    process.communicate()
    assert _run(*command).returncode == 0
    whole, killed = losses(place / "whole"), losses(tmp_path)
    assert max(whole) == max(killed) == STEPS
    # A kill may fall between a checkpoint and its line in the log.
    assert len(killed) >= STEPS
    assert killed == {step: whole[step] for step in killed}


def test_two_processes_learn_what_one_does(place: Path, tmp_path: Path) -> None:
    two = _run(*TWO, *_options(place, tmp_path))
    assert two.returncode == 0, two.stderr
    assert "on 2 processes" in two.stdout
    assert two.stdout.count("stopped after") == 1
    wanted, got = losses(place / "whole"), losses(tmp_path)
    assert sorted(got) == sorted(wanted) == list(range(STEPS + 1))
    for step, values in wanted.items():
        assert got[step] == pytest.approx(values, rel=1e-4), step
    assert curve(tmp_path)[STEPS]["training_phase"] == "adversarial"


def test_what_stops_one_process_stops_all_with_one_sentence(place: Path, tmp_path: Path) -> None:
    (place / "empty").mkdir()
    two = _run(*TWO, *_options(place, tmp_path, "empty"))
    assert two.returncode != 0
    own = [line for line in two.stderr.splitlines() if line.startswith("rtvae: ")]
    assert len(own) == 1
    assert "holds no recordings" in own[0]
    assert "rtvae/training" not in two.stderr


def test_ctrl_c_ends_both_processes_and_keeps_what_was_learned(place: Path, tmp_path: Path) -> None:
    process = _start(*TWO, *_options(place, tmp_path, steps=100000))
    _wait_for_step(tmp_path, 0, process)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=100)
    assert "stopped after" in out
    assert "rtvae: " not in err
    assert max(curve(tmp_path)) > 0
