"""The command line as a whole: what is wrong gets one sentence and a status, never a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rtvae import cli
from rtvae.cli import main
from rtvae.model.library import DEFAULT_MODEL
from tests.support.home import make_home
from tests.support.playing import environment, rtvae
from tests.support.toy_model import make_stateless_graph

NO_SERVER = {"JACK_DEFAULT_SERVER": "rtvae-no-such-server"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_home(tmp_path_factory.mktemp("home"))


def sentence(run: "subprocess.CompletedProcess[str]") -> str:
    """The one sentence of a run that failed."""
    assert run.returncode != 0
    assert run.stdout == ""
    lines = run.stderr.splitlines()
    assert len(lines) == 1, run.stderr
    return lines[0]


WRONG = [
    (["play", "nothere"], 1, ["no model 'nothere'", f"second, {DEFAULT_MODEL}"]),
    (["play", "./nothere/model"], 1, ["./nothere/model"]),
    (["play", "--preset", "nothere"], 1, ["no preset 'nothere'", "default, knobs"]),
    (["play", "--preset", "BROKEN"], 1, ["line 2", "colour"]),
    (["play", "--midi", "nothere"], 1, ["No MIDI input", "'nothere'", "--midi"]),
    (["play", "--midi", "virtual"], 1, ["virtual MIDI port", "JACK"]),
    (["play", "--input", "nothere"], 1, ["There is no audio device", "'nothere'"]),
    (["play", "--input", "nothere.wav"], 1, ["no file nothere.wav"]),
    (["play", "--input", "NOISE"], 1, ["not a sound file"]),
    (["play", "--output", "nothere/out.wav"], 1, ["nothere"]),
    (["play", "--driver", "portaudio", "--output", "out.wav"], 2, ["'out.wav' is a file"]),
    (["play", "--driver", "file", "--loop"], 2, ["--duration"]),
    (["play", "--stats", "nothere/stats.json"], 2, ["stats", "nothere"]),
    (["play", "--stats", "."], 2, ["--stats . is a folder"]),
    (["play", "--output", "o" * 300 + ".wav"], 1, ["File name too long"]),
    (["play", "--record", "noise.wav/take"], 2, ["--record noise.wav/take", "(Not a directory)"]),
    (["play", "--record", "o" * 300], 2, ["File name too long", "another name"]),
    (["play", "--duration", "-1"], 2, ["--duration", "above 0", "rtvae play --help"]),
    (["play", "--duration", "inf"], 2, ["--duration"]),
    (["play", "--block-size", "0"], 2, ["--block-size"]),
    (["play", "--input-channels", "1,1"], 2, ["--input-channels", "twice"]),
    (["play", "--block-size", "99999999"], 2, ["--block-size", "from 1 to 65536"]),
    (["play", "--sample-rate", "99"], 2, ["--sample-rate", "from 8000 to 192000"]),
    (["play", "--nothere"], 2, ["does not take --nothere", "rtvae play --help"]),
    (["play", "second", "song.wav"], 2, ["does not take song.wav", "rtvae play --help"]),
    (["play", "NOISE"], 2, ["is a sound file and no model", "rtvae play --input"]),
    (["verify", "NOISE"], 1, ["noise.wav is no model", f"second, {DEFAULT_MODEL}"]),
    (["nothere"], 2, ["'nothere'", "rtvae --help"]),
    (["inspect", "nothere"], 1, ["no model 'nothere'"]),
    (["verify", "nothere"], 1, ["no model 'nothere'"]),
    (["latency", "--hop", "0"], 2, ["--hop 0"]),
    (["latency", "--pairs", "0"], 2, ["--pairs 0"]),
    (["latency", "--pairs", "many"], 2, ["--pairs: 'many' is no whole number"]),
    (["survey", "second", ".", "--minutes", "all"], 2, ["--minutes: 'all' is no number"]),
    (["latency", "--block-size", "-5"], 2, ["--block-size -5"]),
    (["latency"], 1, ["connect an interface, or start a JACK server", "--patch"]),
    (["latency", "--freewheel", "--patch"], 1, ["start a JACK server", "jackd -d dummy"]),
    (["bench", "--json", "."], 2, ["--json . is a folder"]),
    (["train", ""], 2, ["the name is empty"]),
    (["train", ".", "--run", "noise.wav/run"], 2, ["cannot be made: noise.wav is a file"]),
    (["export", "noise.wav", "models/new"], 2, ["noise.wav holds no checkpoint"]),
    (["inspect"], 2, ["model", "rtvae inspect --help"]),
]


@pytest.mark.parametrize(("arguments", "status", "said"), WRONG, ids=str)
def test_what_is_wrong_gets_one_sentence(
    tmp_path: Path, home: Path, arguments: list[str], status: int, said: list[str]
) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("format = 1\ncolour = 3\n")
    noise = tmp_path / "noise.wav"
    noise.write_bytes(b"noise" * 1000)
    files = {"BROKEN": str(broken), "NOISE": str(noise)}
    run = subprocess.run(
        [sys.executable, "-m", "rtvae", *(files.get(word, word) for word in arguments)],
        env=environment(RTVAE_HOME=str(home), **NO_SERVER),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    text = sentence(run)
    assert run.returncode == status
    assert text.startswith("rtvae: ")
    for fragment in said:
        assert fragment in text
    assert not list(tmp_path.glob("*output*")), "nothing half-written"


def test_a_damaged_model_is_refused_by_every_command(tmp_path: Path, home: Path) -> None:
    broken = make_home(tmp_path / "home") / "models" / DEFAULT_MODEL
    graph = broken / "encoder-1.onnx"
    graph.write_bytes(graph.read_bytes()[:-10])
    for command in (["play", "--no-window"], ["verify", DEFAULT_MODEL]):
        run = rtvae(*command, RTVAE_HOME=str(tmp_path / "home"), **NO_SERVER)
        text = sentence(run)
        assert DEFAULT_MODEL in text and "encoder-1.onnx" in text


def test_models_lists_names_titles_and_faults(home: Path, tmp_path: Path) -> None:
    models = make_home(tmp_path / "home") / "models"
    (models / "second" / "model.toml").write_text("format = 99\n")
    run = rtvae("models", RTVAE_HOME=str(tmp_path / "home"))
    assert run.returncode == 0
    assert f"{DEFAULT_MODEL}*" in run.stdout
    assert "unusable" in run.stdout
    listed = json.loads(rtvae("models", "--json", RTVAE_HOME=str(tmp_path / "home")).stdout)
    assert {x["name"]: x["default"] for x in listed} == {DEFAULT_MODEL: True, "second": False}
    faults = {x["name"]: x["fault"] for x in listed}
    assert faults[DEFAULT_MODEL] is None
    assert "newer" in faults["second"]


def test_inspect_shows_the_card(home: Path) -> None:
    text = rtvae("inspect", DEFAULT_MODEL, RTVAE_HOME=str(home)).stdout
    for fragment in (
        DEFAULT_MODEL.title(),
        "48000 Hz",
        "64 frames, 1.33 ms",
        "latent 4",
        "-3 to 3",
    ):
        assert fragment in text
    card = json.loads(rtvae("inspect", DEFAULT_MODEL, "--json", RTVAE_HOME=str(home)).stdout)
    assert card["hop_frames"] == 64
    assert len(card["latents"]) == 4


def test_inspect_and_verify_take_a_bare_graph(home: Path, tmp_path: Path) -> None:
    graph = make_stateless_graph(tmp_path / "autoencoder.onnx", 512)
    card = json.loads(rtvae("inspect", graph, "--json", RTVAE_HOME=str(home)).stdout)
    assert card["kind"] == "stateless"
    assert card["window_frames"] == 512
    assert rtvae("verify", graph, RTVAE_HOME=str(home)).returncode == 0


def test_verify_says_passed(home: Path) -> None:
    run = rtvae("verify", DEFAULT_MODEL, RTVAE_HOME=str(home))
    assert run.returncode == 0
    assert run.stdout.startswith(f"Passed: {DEFAULT_MODEL}")
    verdict = json.loads(rtvae("verify", DEFAULT_MODEL, "--json", RTVAE_HOME=str(home)).stdout)
    assert verdict == {"model": DEFAULT_MODEL, "passed": True, "reason": None}


def test_verify_says_what_failed_to_programs_too(home: Path, tmp_path: Path) -> None:
    model = make_home(tmp_path / "home") / "models" / DEFAULT_MODEL
    (model / "golden.npz").unlink()
    run = rtvae("verify", DEFAULT_MODEL, "--json", RTVAE_HOME=str(tmp_path / "home"))
    assert run.returncode == 1
    verdict = json.loads(run.stdout)
    assert verdict["passed"] is False
    assert "golden.npz" in verdict["reason"]


def test_devices_without_any(home: Path) -> None:
    run = rtvae("devices", RTVAE_HOME=str(home), **NO_SERVER)
    assert run.returncode == 0
    assert "No audio devices" in run.stdout
    found = json.loads(rtvae("devices", "--json", RTVAE_HOME=str(home), **NO_SERVER).stdout)
    assert found["audio"] == [] and found["midi"] == []


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    text = capsys.readouterr().out
    for command in ("play", "render", "devices", "models", "inspect", "verify", "train"):
        assert f"\n    {command} " in text


def test_an_unforeseen_fault_is_written_down_and_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "_run", lambda arguments: 1 // 0)
    assert main(["play"]) == 1
    text = capsys.readouterr().err
    assert text.count("\n") == 1
    assert "internal error (ZeroDivisionError)" in text
    report = Path(text.split(" lies in ")[1].rstrip(".\n"))
    assert "ZeroDivisionError" in report.read_text()
    report.unlink()


def test_a_missing_extra_is_named_with_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def needs_torch(arguments: list[str]) -> int:
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    monkeypatch.setattr(cli, "_run", needs_torch)
    assert main(["evaluate"]) == 1
    assert "pip install -e '.[train]'" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_fault(home: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "rtvae", "inspect", DEFAULT_MODEL],
        env=environment(RTVAE_HOME=str(home)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()
    process.wait()


def test_only_the_command_that_was_asked_for_is_loaded() -> None:
    program = "import sys; from rtvae.cli import main; main(['models', '--json'])"
    show = "; print([m for m in sys.modules if m.startswith('rtvae.cli.')], file=sys.stderr)"
    run = subprocess.run(
        [sys.executable, "-c", program + show], env=environment(), capture_output=True, text=True
    )
    assert "rtvae.cli.models" in run.stderr
    assert "rtvae.cli.play" not in run.stderr
    assert os.environ.get("RTVAE_CACHE")


def test_presets_and_set_lists_are_listed_and_checked(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    (home / "presets" / "set-lists").mkdir()
    (home / "presets" / "set-lists" / "friday.toml").write_text(
        'format = 1\n[[entry]]\npreset = "knobs"\n'
    )
    (home / "presets" / "user").mkdir()
    (home / "presets" / "user" / "knobs.toml").write_text('format = 2\nmodel = "second"\n')
    run = rtvae("presets", RTVAE_HOME=str(home))
    assert run.returncode == 0
    assert "knobs    preset    your own, in place of ours; second" in run.stdout
    (home / "presets" / "warm.toml").write_text("format = 2\n[mix]\nmix = 7\n")
    (home / "presets" / "set-lists" / "gone.toml").write_text(
        'format = 1\n[[entry]]\npreset = "gone"\n'
    )
    run = rtvae("presets", "--json", RTVAE_HOME=str(home))
    assert run.returncode == 1
    listed = {(entry["kind"], entry["name"]): entry for entry in json.loads(run.stdout)}
    assert len(listed) == 5
    assert "line 3, mix.mix is 7" in listed["preset", "warm"]["fault"]
    assert "because of entry 1: There is no preset 'gone'" in listed["set list", "gone"]["fault"]
    assert listed["preset", "knobs"]["own"]
    assert listed["set list", "friday"]["fault"] is None
