"""The corpus maker: same seed same samples, splits without common sources, one-sentence errors."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

import make_corpus
from corpus import midi

SCRIPT = Path(make_corpus.__file__)
KINDS = ("speech", "music", "drums", "noises")


def run(*arguments: object, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": path if path is not None else os.environ["PATH"]}
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def manifest(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "corpus.json").read_text(encoding="utf-8"))
    return content


def samples(folder: Path) -> dict[str, npt.NDArray[np.int16]]:
    return {
        entry["file"]: soundfile.read(folder / entry["file"], dtype="int16")[0]
        for entry in manifest(folder)["files"]
    }


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus") / "tiny"
    done = run(folder, "--minutes", 0.2, "--seed", 5)
    assert done.returncode == 0, done.stderr
    return folder


def fake_tool(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_same_seed_gives_identical_samples_whatever_the_number_of_processes(
    tiny: Path, tmp_path: Path
) -> None:
    done = run(tmp_path / "again", "--minutes", 0.2, "--seed", 5, "--jobs", 1)
    assert done.returncode == 0, done.stderr
    first, second = samples(tiny), samples(tmp_path / "again")
    assert first.keys() == second.keys()
    assert all(np.array_equal(first[name], second[name]) for name in first)
    assert manifest(tiny) == manifest(tmp_path / "again")


def test_another_seed_gives_another_corpus(tmp_path: Path) -> None:
    for seed in (1, 2):
        done = run(tmp_path / str(seed), "--minutes", 0.1, "--seed", seed, "--only", "noises")
        assert done.returncode == 0, done.stderr
    first, second = samples(tmp_path / "1"), samples(tmp_path / "2")
    name = "train/noises/noises-00000.flac"
    assert not np.array_equal(first[name][:48_000], second[name][:48_000])


def test_every_kind_is_in_every_split_as_48_khz_mono(tiny: Path) -> None:
    found = set()
    for entry in manifest(tiny)["files"]:
        info = soundfile.info(tiny / entry["file"])
        assert (info.samplerate, info.channels) == (48_000, 1)
        assert info.duration == pytest.approx(entry["seconds"], abs=1e-3)
        assert 6 <= info.duration <= 12
        found.add((entry["split"], entry["kind"]))
    assert found == {(split, kind) for split in make_corpus.SPLITS for kind in KINDS}


def test_no_clip_is_silent_or_flattened(tiny: Path) -> None:
    for name, pcm in samples(tiny).items():
        level = np.abs(pcm / 32768)
        assert 10 ** (-36 / 20) < level.max() < 10 ** (-0.9 / 20), name
        assert np.mean(level > 0.999 * level.max()) < 0.01, name
        assert np.sqrt(np.mean(level**2)) > 1e-4, name


def test_splits_share_no_speaker_programme_kit_or_recipe() -> None:
    heard: dict[str, set[str]] = defaultdict(set)
    for clip in make_corpus.plan(300, 1, list(KINDS)):
        for part in clip.parts:
            speaker = part.source.split("+")[-1] if clip.kind == "speech" else part.source
            heard[clip.split].add(f"{clip.kind} {speaker}")
    assert heard["train"].isdisjoint(heard["validation"] | heard["test"])
    assert heard["validation"].isdisjoint(heard["test"])
    programmes = [name for split in heard.values() for name in split if name.startswith("music")]
    assert len(programmes) == 128


def test_a_plan_keeps_the_length_and_the_shares_asked_for() -> None:
    seconds: dict[str, float] = defaultdict(float)
    for clip in make_corpus.plan(80, 1, list(KINDS)):
        seconds[clip.split] += clip.parts[0].seconds
        seconds[f"{clip.split} {clip.kind}"] += clip.parts[0].seconds
    assert seconds["train"] / 60 == pytest.approx(80, rel=0.01)
    assert seconds["validation"] / 60 == pytest.approx(4, rel=0.1)
    assert seconds["test"] / 60 == pytest.approx(4, rel=0.1)
    assert seconds["train speech"] / seconds["train"] == pytest.approx(0.38, abs=0.01)
    assert seconds["train music"] / seconds["train"] == pytest.approx(0.40, abs=0.01)
    assert seconds["train drums"] / seconds["train"] == pytest.approx(0.14, abs=0.01)


@pytest.mark.parametrize("format_name", ["opus", "ogg"])
def test_a_codec_is_used_for_training_clips_only(tmp_path: Path, format_name: str) -> None:
    out = tmp_path / "lossy"
    done = run(out, "--minutes", 0.1, "--only", "noises", "--format", format_name)
    assert done.returncode == 0, done.stderr
    for entry in manifest(out)["files"]:
        info = soundfile.info(out / entry["file"])
        assert info.format == ("OGG" if entry["split"] == "train" else "FLAC")
        assert info.frames == round(entry["seconds"] * 48_000)


def test_missing_tools_are_named_as_packages_to_install(tmp_path: Path) -> None:
    done = run(tmp_path / "out", "--minutes", 0.1, path=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith("Missing espeak-ng fluidsynth")
    assert "apt install espeak-ng fluidsynth" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_noises_need_no_tool(tmp_path: Path) -> None:
    done = run(tmp_path / "out", "--minutes", 0.1, "--only", "noises", path=str(tmp_path))
    assert done.returncode == 0, done.stderr


def test_a_folder_with_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("keep")
    done = run(tmp_path, "--minutes", 0.1)
    assert done.returncode == 1
    assert "is not an empty folder" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]


def test_too_little_disk_space_is_told_before_work_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=3_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert make_corpus.main([str(tmp_path / "out"), "--minutes", "80"]) == 1
    assert "has 3 MB free but the corpus may take" in capsys.readouterr().err
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("script", "reason"),
    [("echo no such voice >&2; exit 3", "espeak-ng failed (no such voice)"), ("exit 4", "(4)")],
)
def test_a_failing_tool_is_named_and_leaves_no_manifest(
    tmp_path: Path, script: str, reason: str
) -> None:
    tools = tmp_path / "tools"
    fake_tool(tools, "espeak-ng", f'[ "$1" = --version ] && echo 1 && exit 0\n{script}')
    done = run(
        tmp_path / "out", "--minutes", 0.1, "--only", "speech", path=f"{tools}:/usr/bin:/bin"
    )
    assert done.returncode == 1
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out" / "corpus.json").exists()


def test_a_synthesiser_that_stores_nothing_is_not_taken_for_music(tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    script = (
        '[ "$1" = --version ] && echo 1 && exit 0\nwhile [ "$1" != -F ]; do shift; done\n: >"$2"'
    )
    fake_tool(tools, "fluidsynth", script)
    path = f"{tools}:/usr/bin:/bin"
    done = run(tmp_path / "out", "--minutes", 0.1, "--only", "music", path=path)
    assert done.returncode == 1
    assert "could not store its output" in done.stderr
    assert not (tmp_path / "out" / "corpus.json").exists()


def test_midi_file_orders_events_and_ends_on_time() -> None:
    events = [(1.0, b"\x80\x3c\x40"), (0.0, b"\x90\x3c\x50")]
    track = b"\x00\x90\x3c\x50" + b"\x87\x40\x80\x3c\x40" + b"\x87\x40\xff\x2f\x00"
    expected = b"MThd\0\0\0\x06\0\0\0\x01\x01\xe0MTrk\0\0\0\x0e" + track
    assert midi.file_bytes(events, 2.0) == expected
