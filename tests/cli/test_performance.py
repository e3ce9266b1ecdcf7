"""`rtvae render --performance` and `rtvae inspect NAME.rtvp` on the command line."""

import argparse
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import soundfile

from rtvae.cli import inspect, render
from rtvae.errors import ModelError, PerformanceError, RtvaeError, UsageError
from rtvae.io.performance import read_performance
from rtvae.io.performance_chunks import object_chunk
from rtvae.io.performance_facts import written
from rtvae.paths import HOME_VARIABLE
from tests.support.recorded_rig import RecordedRig
from tests.support.rig import RATE_HZ, noise
from tests.support.synth_space import add_space, make_space
from tests.support.toy_model import make_toy_model


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two models and a performance played with one of them."""
    folder = tmp_path_factory.mktemp("home")
    for seed, name in enumerate(("toy", "other")):
        make_toy_model(folder / "models" / name, seed=seed, name=name)
    take = RecordedRig(folder / "models" / "toy", folder / "take")
    take.play(noise(RATE_HZ // 4, level=0.3))
    take.record()
    take.play(noise(RATE_HZ, level=0.3))
    take.recorder.hear([0xB0, 21, 5])
    take.play(noise(RATE_HZ // 4, level=0.3))
    take.finish()
    # The paths in the performance lead nowhere from now on.
    return folder.rename(folder.with_name("moved"))


@pytest.fixture
def home(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    shutil.copytree(made, home)
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    monkeypatch.chdir(home)
    return home


def _run(command, *arguments: str) -> int:  # type: ignore[no-untyped-def]
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    name = command.__name__.rsplit(".", 1)[1]
    status: int = command.run(parser.parse_args([name, *arguments]))
    return status


def test_it_is_played_again_beside_the_recording(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(render, "--performance", "take.rtvp") == 0
    assert "take-again.wav: 1.25 s, identical to the recording from 0.0" in capsys.readouterr().out
    assert soundfile.info("take-again.wav").frames == 60_000
    assert _run(render, "--performance", "take.w64") == 0
    assert Path("take-again-2.wav").exists()


def test_verify_writes_nothing_and_answers_by_its_status(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(path.name for path in home.iterdir())
    assert _run(render, "--performance", "take.rtvp", "--verify") == 0
    sound, rate_hz = soundfile.read("take.w64", dtype="float32")
    sound[30_000, 1] += 0.5
    soundfile.write("take.w64", sound, rate_hz, "FLOAT", format="W64")
    assert _run(render, "--performance", "take.rtvp", "--verify") == 1
    said = capsys.readouterr().out
    assert "differs from the recording in 1 frames, first at 0.625 s, by at most -6 dB" in said
    assert sorted(path.name for path in home.iterdir()) == before


def test_blocks_that_came_too_late_are_counted_and_the_first_is_named(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    take = RecordedRig(home / "models" / "toy", home / "late", buffered=True)
    take.play(noise(RATE_HZ // 4, level=0.3))
    take.record()
    take.play(noise(RATE_HZ // 2, level=0.3))
    first = take.rig.count("frames") + 64 - take.first_frame
    take.play_late(noise(5 * 64, level=0.3))
    take.play(noise(RATE_HZ, level=0.3))
    take.finish()
    assert _run(inspect, "late.rtvp") == 0
    told = f"4, the first at {first / RATE_HZ:.3f} s"
    assert told in capsys.readouterr().out
    assert _run(inspect, "late.rtvp", "--json") == 0
    late = json.loads(capsys.readouterr().out)["concealed_frames"]
    assert late == [first, first + 64, first + 128, first + 192]
    assert _run(render, "--performance", "late.rtvp", "--verify") == 1
    said = capsys.readouterr().out
    assert f"first at {first / RATE_HZ:.3f} s, by at most" in said
    assert f"delivered too late: {told}; there a replay cannot be the recording" in said


@pytest.mark.parametrize(
    ("frames", "said"),
    [(40_000, "identical to the recording from"), (500, "too short to be compared")],
)
def test_a_sound_that_was_cut_short_is_never_called_the_same(
    home: Path, capsys: pytest.CaptureFixture[str], frames: int, said: str
) -> None:
    sound, rate_hz = soundfile.read("take.w64", dtype="float32")
    soundfile.write("take.w64", sound[:frames], rate_hz, "FLOAT", format="W64")
    assert _run(render, "--performance", "take.rtvp", "--verify") == 1
    told = capsys.readouterr().out
    assert said in told
    ends_s = frames // 64 * 64 / rate_hz
    assert f"take.w64 is not whole: it ends at {ends_s:.2f} s, what was played at 1.25 s" in told


@pytest.mark.parametrize("arguments", [("--model", "other", "out.wav"), ("other", "out.wav")])
def test_another_model_plays_it_and_the_knobs_are_told(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert _run(render, "--performance", "take.rtvp", *arguments) == 0
    said = capsys.readouterr().out
    assert "out.wav: 1.25 s by other." in said
    assert "Knobs by number: 4." in said
    assert soundfile.info("out.wav").frames == 60_000


def test_the_same_model_under_another_name_is_found(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "models" / "toy").rename(home / "models" / "renamed")
    assert _run(render, "--performance", "take.rtvp", "--verify") == 0


def test_a_model_that_is_gone_or_another_by_now_is_one_sentence(home: Path) -> None:
    shutil.rmtree(home / "models" / "toy")
    with pytest.raises(ModelError, match=r"it is not here; put that one into .* --model"):
        _run(render, "--performance", "take.rtvp", "out.wav")
    (home / "models" / "other").rename(home / "models" / "toy")
    with pytest.raises(ModelError, match="the one of that name is another by now"):
        _run(render, "--performance", "take.rtvp", "out.wav")
    assert not Path("out.wav").exists()


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        (("--performance", "none.rtvp"), PerformanceError, "There is no performance"),
        (("--performance", "models"), PerformanceError, "models is a folder; name the .rtvp in it"),
        (("--performance", "take.rtvp", "a", "b", "c"), UsageError, "one file to write"),
        (("--performance", "take.rtvp", "--verify", "out.wav"), UsageError, "neither with"),
        (("--performance", "take.rtvp", "--set", "mix=0"), UsageError, "its own settings"),
        (("--performance", "take.rtvp", "take.w64"), PerformanceError, "the performance itself"),
        (("--performance", "take.rtvp", "nobody", "out.wav"), ModelError, "'nobody'"),
        (("toy", "in.wav"), UsageError, "takes MODEL IN OUT"),
        (("toy", "in.wav", "out.wav", "--verify"), UsageError, "takes MODEL IN OUT"),
    ],
)
def test_a_mistake_is_one_sentence(
    home: Path, arguments: tuple[str, ...], kind: type[RtvaeError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        _run(render, *arguments)
    assert not Path("out.wav").exists()


def _spaced_take(home: Path) -> Path:
    """A recording in which the leash holds, of a model with a survey; return the model."""
    model = make_toy_model(home / "models" / "spaced", name="spaced")
    add_space(model)
    settings = {"leash": 1.0, "latent__1__offset": 8.0}
    take = RecordedRig(model, home / "spaced", settings=settings)
    take.play(noise(RATE_HZ // 4, level=0.3))
    take.record()
    take.play(noise(RATE_HZ, level=0.3))
    take.finish()
    return model


def test_a_survey_that_is_another_by_now_is_named_where_something_differs(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = _spaced_take(home)
    take = "spaced.rtvp"
    verify = ("--performance", take, "--verify")
    assert _run(render, *verify) == 0
    assert "surveyed" not in capsys.readouterr().out
    add_space(model, make_space(4, seed=1))
    assert _run(render, *verify) == 1
    said = capsys.readouterr().out
    assert said.count("The map of model spaced was surveyed anew since: where the leash") == 1
    # A recording from before the survey was written down is verified as ever.
    data = Path(take).read_bytes()
    old = written(read_performance(Path(take)).voices[0])
    chunk = object_chunk("voic", old)
    assert chunk in data
    del old["model"]["survey"]
    Path(take).write_bytes(data.replace(chunk, object_chunk("voic", old)))
    assert _run(render, *verify) == 1
    assert "surveyed" not in capsys.readouterr().out
    add_space(model)
    assert _run(render, *verify) == 0


def test_inspect_tells_what_it_holds(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(inspect, "take.rtvp") == 0
    said = capsys.readouterr().out
    assert "1.250 s" in said
    assert "toy (" in said
    assert "MIDI packets" in said
    assert _run(inspect, "take.rtvp", "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["midi_packets"] == 1
    assert facts["voices"][0]["origin"] == "fresh"
    assert facts["latent_rows"] == 60_000 // 64
    assert _run(inspect, "take.w64") == 0
    assert "MIDI packets" in capsys.readouterr().out


def test_a_recording_that_broke_off_says_so(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = Path("take.rtvp").read_bytes()
    Path("take.rtvp").write_bytes(whole[: len(whole) * 2 // 3])
    assert _run(render, "--performance", "take.rtvp", "--verify") == 0
    assert "has no proper end (the last chunk is cut short)" in capsys.readouterr().out


@pytest.mark.parametrize("executor", ["abacus", "cuda"])
def test_another_executor_than_the_one_that_played_is_told(
    executor: str,
    home: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rtvae.model.load.why_no_cuda", lambda: "there is none")
    data = Path("take.rtvp").read_bytes()
    performance = read_performance(Path("take.rtvp"))
    voice = replace(performance.voices[0], executor=executor)
    old = object_chunk("voic", written(performance.voices[0]))
    assert old in data
    Path("take.rtvp").write_bytes(data.replace(old, object_chunk("voic", written(voice))))
    assert _run(render, "--performance", "take.rtvp", "--verify") == 0
    said = capsys.readouterr().out
    assert f"recorded with the executor {executor} and played by" in said
    assert said.count("equal within rounding") == 1
