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
from corpus import midi, packages
from corpus.recipes import RECIPES

SCRIPT = Path(make_corpus.__file__)
KINDS = ("speech", "music", "drums", "noises")  # those that the smallest packages bring
ONLY = ("--only", ",".join(KINDS))


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
    done = run(folder, "--minutes", 0.2, "--seed", 5, *ONLY)
    assert done.returncode == 0, done.stderr
    return folder


def fake_tool(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_same_seed_gives_identical_samples_whatever_the_number_of_processes(
    tiny: Path, tmp_path: Path
) -> None:
    done = run(tmp_path / "again", "--minutes", 0.2, "--seed", 5, "--jobs", 1, *ONLY)
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


@pytest.mark.parametrize("name", ["general", "voice", "newvoice", "drums"])
def test_splits_share_no_source(name: str) -> None:
    heard: dict[str, set[str]] = defaultdict(set)
    for clip in make_corpus.plan(300, 1, RECIPES[name]):
        for part in clip.parts:
            source = part.source.split("+")[-1] if "+" in part.source else part.source
            person = source.removeprefix("human ").removeprefix("espeak ").removesuffix("16")
            heard[clip.split].add(person.removesuffix("_diphone"))
    assert heard["train"].isdisjoint(heard["validation"] | heard["test"])
    assert heard["validation"].isdisjoint(heard["test"])


def test_a_general_corpus_has_all_programmes_of_general_midi() -> None:
    clips = make_corpus.plan(600, 1, RECIPES["general"])
    heard = {part.source for clip in clips if clip.kind == "music" for part in clip.parts}
    assert len(heard) == 128


def test_a_voice_corpus_has_one_voice_at_a_time() -> None:
    assert all(len(clip.parts) == 1 for clip in make_corpus.plan(60, 1, RECIPES["voice"]))


def test_a_soundfont_for_testing_strings_is_in_the_test_split_only() -> None:
    for clip in make_corpus.plan(60, 1, RECIPES["strings"]):
        is_unheard = any(part.source.startswith("timgm") for part in clip.parts)
        assert is_unheard == (clip.kind == "unheard")
        assert clip.split == "test" or not is_unheard


@pytest.mark.parametrize("name", list(RECIPES))
def test_a_plan_keeps_the_length_and_the_shares_asked_for(name: str) -> None:
    recipe = RECIPES[name]
    seconds: dict[str, float] = defaultdict(float)
    for clip in make_corpus.plan(300, 1, recipe):
        seconds[clip.split] += clip.parts[0].seconds
        seconds[f"{clip.split} {clip.kind}"] += clip.parts[0].seconds
    for split, length in recipe.lengths.items():
        assert seconds[split] / 60 == pytest.approx(300 * length, rel=0.1)
    kinds = {name: kind for name, kind in recipe.kinds.items() if kind.sources("train")}
    total = sum(kind.share for kind in kinds.values())
    for kind_name, kind in kinds.items():
        share = seconds[f"train {kind_name}"] / seconds["train"]
        assert share == pytest.approx(kind.share / total, abs=0.01)


def test_the_manifest_tells_recipe_splits_and_licences(tiny: Path) -> None:
    content = manifest(tiny)
    assert (content["recipe"], content["kinds"]) == ("general", list(KINDS))
    assert content["splits"] == RECIPES["general"].splits
    assert content["packages"]["fluid-soundfont-gm"]["licence"] == "MIT"
    assert set(content["packages"]) == {"espeak-ng", "fluidsynth", "fluid-soundfont-gm"}


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
    done = run(tmp_path / "out", "--minutes", 0.1, *ONLY, path=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith("Missing espeak-ng fluidsynth")
    assert "apt install espeak-ng fluidsynth" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_recipe_asks_for_its_own_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(packages.Package, "is_there", lambda _: False)
    assert make_corpus.main([str(tmp_path / "out"), "--recipe", "drums"]) == 1
    wanted = "fluid-soundfont-gm fluidsynth hydrogen-drumkits sonic-pi-samples"
    told = f"Missing {wanted}: install it with `apt install {wanted}`.\n"
    assert capsys.readouterr().err == told


def test_a_kind_of_another_recipe_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        make_corpus.main([str(tmp_path / "out"), "--recipe", "strings", "--only", "music"])
    assert "--only takes some of strings,unheard" in capsys.readouterr().err


def test_noises_need_no_tool(tmp_path: Path) -> None:
    done = run(tmp_path / "out", "--minutes", 0.1, "--only", "noises", path=str(tmp_path))
    assert done.returncode == 0, done.stderr


def test_a_folder_with_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("keep")
    done = run(tmp_path, "--minutes", 0.1, *ONLY)
    assert done.returncode == 1
    assert "is not an empty folder" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]


def test_too_little_disk_space_is_told_before_work_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=3_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert make_corpus.main([str(tmp_path / "out"), "--minutes", "80", *ONLY]) == 1
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
