"""Trainings as their users run them: killed in the middle, or spread over two processes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.toy_training import curve, losses, write_small_start

TRAIN = ("-W", "error", "-m", "rtvae", "train")
TWO = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", *TRAIN[3:])
# One thread each: sums of floats come in the same order, and nobody waits for a busy core.
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1"}


@pytest.fixture
def start(tmp_path: Path) -> Path:
    return write_small_start(tmp_path / "small.safetensors")


def _options(tones: Path, run: Path, start: Path, steps: int) -> list[str]:
    where = [str(tones), "--run-folder", str(run), "--from", str(start), "--no-tensorboard"]
    return [*where, "--device", "cpu", "--max-steps", str(steps)]


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
    tones: Path, tmp_path: Path, start: Path
) -> None:
    command = [*TRAIN, *_options(tones, tmp_path / "whole", start, 12), "--adversarial"]
    assert _run(*command).returncode == 0
    command[command.index(str(tmp_path / "whole"))] = str(tmp_path / "killed")
    process = _start(*command)
    _wait_for_step(tmp_path / "killed", 7, process)
    process.kill()
    process.communicate()
    assert _run(*command).returncode == 0
    whole, killed = losses(tmp_path / "whole"), losses(tmp_path / "killed")
    assert max(whole) == max(killed) == 12
    # A kill may fall between a checkpoint and its line in the log.
    assert len(killed) >= 12
    assert killed == {step: whole[step] for step in killed}


def test_two_processes_learn_what_one_does(tones: Path, tmp_path: Path, start: Path) -> None:
    one = _run(*TRAIN, *_options(tones, tmp_path / "one", start, 8), "--adversarial")
    two = _run(*TWO, *_options(tones, tmp_path / "two", start, 8), "--adversarial")
    assert one.returncode == two.returncode == 0, two.stderr
    assert "on 2 processes" in two.stdout
    assert two.stdout.count("stopped after") == 1
    wanted, got = losses(tmp_path / "one"), losses(tmp_path / "two")
    assert sorted(got) == sorted(wanted) == list(range(9))
    for step, values in wanted.items():
        assert got[step] == pytest.approx(values, rel=1e-4), step
    assert curve(tmp_path / "two")[8]["training_phase"] == "adversarial"


def test_what_stops_one_process_stops_all_with_one_sentence(tmp_path: Path, start: Path) -> None:
    (tmp_path / "empty").mkdir()
    two = _run(*TWO, *_options(tmp_path / "empty", tmp_path / "run", start, 8))
    assert two.returncode != 0
    own = [line for line in two.stderr.splitlines() if line.startswith("rtvae: ")]
    assert len(own) == 1
    assert "holds no recordings" in own[0]
    assert "rtvae/training" not in two.stderr


def test_ctrl_c_ends_both_processes_and_keeps_what_was_learned(
    tones: Path, tmp_path: Path, start: Path
) -> None:
    run = tmp_path / "run"
    process = _start(*TWO, *_options(tones, run, start, 100000))
    _wait_for_step(run, 0, process)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert "stopped after" in out
    assert "rtvae: " not in err
    assert max(curve(run)) > 0
