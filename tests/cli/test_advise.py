"""`rtvae advise`: a table of what each block size costs here, and one recommendation."""

import json
from pathlib import Path

import pytest

from rtvae.cli import main
from rtvae.cli.advise import describe, recommendation
from rtvae.engine import survey
from rtvae.engine.governor import Choice
from tests.support.toy_model import make_toy_model

DIRECT = Choice(64, False, 0.41, 0.72, 10)
WORKER = Choice(64, True, 0.41, 0.72, 74)
LARGER = Choice(128, False, 0.3, 0.45, 10)


def test_the_table_names_what_is_safe_and_what_is_best() -> None:
    lines = describe([DIRECT, WORKER, LARGER], LARGER, 48_000).splitlines()
    assert "64 direct" in lines[1]
    assert "too slow" in lines[1]
    assert "74 frames, 1.5 ms" in lines[2]
    assert lines[2].endswith("safe")
    assert lines[3].endswith("safe, recommended")
    assert lines[-1] == "Play with --block-size 128 --no-buffered, or with larger blocks."


def test_where_nothing_is_safe_that_is_said() -> None:
    assert recommendation(None).endswith("choose a smaller model.")
    assert "--buffered" in recommendation(WORKER)


def test_the_command_measures_a_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_toy_model(tmp_path / "toy")
    monkeypatch.setattr(survey, "FEWEST_BLOCKS", 3)
    monkeypatch.setattr(survey, "MOST_BLOCKS", 3)
    # It would freeze the collector of the whole test run.
    monkeypatch.setattr("rtvae.engine.realtime.settle_process", lambda paced: [])
    assert main(["advise", str(tmp_path / "toy"), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    sizes = [(way["block_size"], way["buffered"]) for way in facts["choices"]]
    assert sizes == [(n, b) for n in (32, 64, 128, 256, 512, 1024) for b in (False, True)]
    assert sum(way["recommended"] for way in facts["choices"]) <= 1
