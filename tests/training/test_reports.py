"""What the terminal, log.jsonl and TensorBoard hold after a training's reports."""

import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from rtvae.training import tensorboard_report
from rtvae.training.console_report import ConsoleReport, duration
from rtvae.training.log_report import LogReport
from rtvae.training.reports import reporters
from rtvae.training.tensorboard_report import TensorBoardReport
from tests.support.rig import noise, tone
from tests.support.toy_report import report

CLIPS = ((tone(24_000), 0.5 * tone(24_000)), (noise(24_000), noise(24_000, 1, 3.0)))


def test_the_terminal_tells_how_far_how_close_and_how_long() -> None:
    said: list[str] = []
    ConsoleReport(said.append).report(report())
    assert said[0].strip() == "60.0 min, step 18000: mel 0.400  phase 0.600, 5.0 steps/s"
    assert said[1].strip() == (
        "held out 4.50 dB (best 4.40), too early to say how it goes; 2 h 10 min left"
    )


def test_the_terminal_remembers_how_it_went() -> None:
    said: list[str] = []
    console = ConsoleReport(said.append)
    for k in range(20):
        console.report(report(minutes=60.0 + k, best_db=5.0 - 0.1 * k, better=True))
    assert "still improving, 1.0 dB in the last 10 minutes" in said[-1]


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0.0, "less than a minute"),
        (1.2, "1 min"),
        (59.4, "59 min"),
        (61.0, "1 h 01 min"),
        (240.0, "4 h 00 min"),
        (4320.0, "3 days"),
    ],
)
def test_a_length_of_time_in_words(minutes: float, words: str) -> None:
    assert duration(minutes) == words


def test_the_log_has_one_line_for_each_report_and_is_never_begun_anew(tmp_path: Path) -> None:
    for step in (10, 20):
        log = LogReport(tmp_path, print)
        log.report(report(step=step, nats=(1.0, 0.05)))
        log.close()
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [10, 20]
    wanted = {"minutes": 60.0, "held_out_db": 4.5, "mel": 0.4, "phase": 0.6, "active_dimensions": 1}
    assert wanted.items() <= lines[0].items()


def test_the_log_stays_readable_when_a_number_is_none(tmp_path: Path) -> None:
    LogReport(tmp_path, print).report(report(losses={"mel": math.nan}))
    text = (tmp_path / "log.jsonl").read_text()
    assert json.loads(text, parse_constant=pytest.fail)["mel"] is None


def test_a_log_that_cannot_be_written_is_told_once_and_stops_nothing(tmp_path: Path) -> None:
    said: list[str] = []
    (tmp_path / "log.jsonl").mkdir()
    log = LogReport(tmp_path, said.append)
    for _ in range(3):
        log.report(report())
    assert len(said) == 1
    assert "training goes on" in said[0]


def board(run: Path) -> EventAccumulator:
    """What TensorBoard would show."""
    events = EventAccumulator(str(run / "tensorboard"), {"audio": 0, "images": 0, "scalars": 0})
    events.Reload()
    return events


def test_tensorboard_shows_curves_sounds_and_pictures(tmp_path: Path) -> None:
    writer = TensorBoardReport(tmp_path, print)
    for k in range(4):
        writer.report(
            report(minutes=5.0 * k, step=k, held_out_db=5.0 - k, better=True, clips=CLIPS)
        )
    writer.close()
    events = board(tmp_path)
    curve = [event.value for event in events.Scalars("held out/log-mel distance in dB")]
    assert curve == [5.0, 4.0, 3.0, 2.0]
    tags = set(events.Tags()["scalars"])
    assert {"loss/mel", "loss/phase", "pace/learning rate", "pace/clips per second"} <= tags
    assert {"latents/active dimensions", "nats/dimension 1", "nats/dimension 4"} <= tags
    assert [event.step for event in events.Audio("clip 1/wanted")] == [0]
    played = events.Audio("clip 2/played")
    assert [event.step for event in played] == [0, 2], "every ten minutes"
    assert played[0].sample_rate == 48_000
    pictures = events.Images("clip 1/wanted above played")
    assert [event.step for event in pictures] == [0, 2]
    assert pictures[0].encoded_image_string.startswith(b"\x89PNG")
    assert (pictures[0].height, pictures[0].width) == (484, 86)


def test_sounds_are_kept_only_when_something_got_better(tmp_path: Path) -> None:
    writer = TensorBoardReport(tmp_path, print)
    for k in range(4):
        writer.report(report(minutes=20.0 * k, step=k, better=k == 2, clips=CLIPS[:1]))
    writer.close()
    assert [event.step for event in board(tmp_path).Audio("clip 1/played")] == [0, 2]


def test_what_a_killed_session_wrote_beyond_its_checkpoint_is_hidden(tmp_path: Path) -> None:
    for steps in (range(0, 60, 10), range(30, 90, 10)):
        writer = TensorBoardReport(tmp_path, print)
        for step in steps:
            writer.report(report(step=step))
        writer.close()
    events = board(tmp_path).Scalars("loss/mel")
    assert [event.step for event in events] == list(range(0, 90, 10))


def test_sound_that_is_no_number_is_not_shown(tmp_path: Path) -> None:
    writer = TensorBoardReport(tmp_path, print)
    writer.report(report(clips=((CLIPS[0][0], np.full(24_000, np.nan, np.float32)),)))
    writer.close()
    assert board(tmp_path).Tags()["audio"] == []


def test_a_folder_that_cannot_be_written_is_told_once_and_stops_nothing(tmp_path: Path) -> None:
    said: list[str] = []
    (tmp_path / "tensorboard").write_text("in the way")
    writer = TensorBoardReport(tmp_path, said.append)
    for _ in range(3):
        writer.report(report(clips=CLIPS))
    writer.close()
    assert len(said) == 1
    assert "training goes on" in said[0]


def test_all_three_are_served(tmp_path: Path) -> None:
    said: list[str] = []
    for reporter in reporters(tmp_path, said.append, tensorboard=True):
        reporter.report(report())
        reporter.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log.jsonl", "tensorboard"]
    assert said[0].startswith("curves, sounds and pictures: tensorboard --logdir ")
    assert "step 18000" in said[1]


def test_without_tensorboard_training_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, tensorboard_report.__name__, None)
    said: list[str] = []
    assert len(reporters(tmp_path, said.append, tensorboard=True)) == 2
    assert "pip install tensorboard" in said[0]
    assert len(reporters(tmp_path, said.append, tensorboard=False)) == 2
