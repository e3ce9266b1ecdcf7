"""The set-up repairs itself, asks nothing, and says each trouble in one sentence."""

import io
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap
from bootstrap import Setup, SetupError, State, choose_python, fingerprint, prepare, venv_python
from progress import Outcome, follow, headline
from system_packages import Machine, Need, advice, provide

TOOLS = Path(__file__).resolve().parents[2] / "tools"
PORTAUDIO = Need("libportaudio2", library="libportaudio.so.2")
JACK = Need("jackd2", program="jackd")


class Recorder:
    """Stands in for running commands: keeps them, and makes what venv and pip would make."""

    def __init__(self, folder: Path | None = None, statuses: dict[str, int] | None = None) -> None:
        self.folder = folder
        self.statuses = statuses or {}
        self.lines: list[str] = []
        self.commands: list[list[str]] = []

    def __call__(self, command: list[str], doing: str, log: Path | None = None) -> Outcome:
        self.commands.append(command)
        status = next((code for word, code in self.statuses.items() if word in command), 0)
        if self.folder and "venv" in command:
            shutil.rmtree(self.folder / ".venv", ignore_errors=True)
            python = venv_python(self.folder / ".venv")
            python.parent.mkdir(parents=True)
            python.symlink_to(sys.executable)
        return Outcome(status, self.lines)

    def ran(self, word: str) -> int:
        return sum(word in command for command in self.commands)


def machine(
    present: set[str], run: Recorder | None = None, *, root: bool = False, sudo: bool = False
) -> Machine:
    """A computer with some packages; with the right to, apt-get installs what it is asked for."""
    recorder = run or Recorder()

    def install(command: list[str], doing: str) -> Outcome:
        outcome = recorder(command, doing)
        if "install" in command and outcome.status == 0:
            present.update(command[command.index("install") + 1 :])
        return outcome

    return Machine(
        is_root=root,
        has_program=lambda name: name in {"apt-get", *present},
        is_met=lambda need: need.package in present,
        has_venv=lambda python: not present.isdisjoint({"python3-venv", "python3.11-venv"}),
        sudo_is_free=lambda: sudo,
        run=install,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "tools").mkdir()
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'rtvae'\n")
    (tmp_path / "tools" / "constraints.txt").write_text("torch==2.13.0\n")
    return tmp_path


READY = {"python3-venv", "libportaudio2"}
PLAY = Setup(helpful=(PORTAUDIO,))


def test_the_first_run_makes_everything_and_the_second_does_nothing(project: Path) -> None:
    run = Recorder(project)
    python = prepare(PLAY, project, machine(set(READY)), run)
    assert python == project / ".venv" / "bin" / "python"
    assert (run.ran("venv"), run.ran("pip")) == (1, 1)
    prepare(PLAY, project, machine(set(READY)), run)
    assert len(run.commands) == 2


def test_an_interrupted_venv_is_made_again(project: Path) -> None:
    python = venv_python(project / ".venv")
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    run = Recorder(project)
    prepare(PLAY, project, machine(set(READY)), run)
    assert run.ran("venv") == 1


def test_after_an_interrupted_install_only_the_install_is_repeated(project: Path) -> None:
    with pytest.raises(SetupError):
        prepare(PLAY, project, machine(set(READY)), Recorder(project, {"pip": 1}))
    run = Recorder(project)
    prepare(PLAY, project, machine(set(READY)), run)
    assert (run.ran("venv"), run.ran("pip")) == (0, 1)


def test_a_half_installed_package_is_installed_again(project: Path) -> None:
    prepare(PLAY, project, machine(set(READY)), Recorder(project))
    packages = project / ".venv" / "lib" / "python3.11" / "site-packages"
    whole, half = packages / "rich-15.0.dist-info", packages / "numpy-2.0.dist-info"
    for record in (whole, half):
        record.mkdir(parents=True)
        (record / "METADATA").touch()
    (whole / "INSTALLER").touch()
    (project / "pyproject.toml").write_text("[project]\nname = 'rtvae'\nversion = '2'\n")
    prepare(PLAY, project, machine(set(READY)), Recorder(project))
    assert (whole.exists(), half.exists()) == (True, False)


@pytest.mark.parametrize("changed", ["pyproject.toml", "tools/constraints.txt"])
def test_changed_requirements_are_installed(project: Path, changed: str) -> None:
    prepare(PLAY, project, machine(set(READY)), Recorder(project))
    before = fingerprint(project)
    (project / changed).write_text("# changed\n")
    assert fingerprint(project) != before
    run = Recorder(project)
    prepare(PLAY, project, machine(set(READY)), run)
    assert (run.ran("venv"), run.ran("pip")) == (0, 1)


def test_extras_are_added_once_and_kept(project: Path) -> None:
    computer, run = machine(set(READY)), Recorder(project)
    prepare(PLAY, project, computer, run)
    tests = Setup(extras=("test", "train"))
    prepare(tests, project, computer, run)
    assert run.commands[-1][-1] == f"{project}[test,train]"
    assert run.commands[-1][-4:-2] == ["-c", str(project / "tools" / "constraints.txt")]
    count = len(run.commands)
    prepare(tests, project, computer, run)
    prepare(PLAY, project, computer, run)
    assert len(run.commands) == count


def test_a_moved_project_gets_a_new_environment(project: Path) -> None:
    prepare(PLAY, project, machine(set(READY)), Recorder(project))
    elsewhere = project.with_name("elsewhere")
    project.rename(elsewhere)
    run = Recorder(elsewhere)
    prepare(PLAY, elsewhere, machine(set(READY)), run)
    assert run.ran("venv") == 1


def test_an_environment_whose_python_is_gone_is_made_again(project: Path) -> None:
    prepare(PLAY, project, machine(set(READY)), Recorder(project))
    venv_python(project / ".venv").unlink()
    run = Recorder(project)
    prepare(PLAY, project, machine(set(READY)), run)
    assert (run.ran("venv"), run.ran("pip")) == (1, 1)


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"foreign": 1}', "\x00"])
def test_a_damaged_state_counts_as_none(tmp_path: Path, damage: str) -> None:
    (tmp_path / bootstrap.STATE_FILE).write_text(damage)
    assert State.read(tmp_path) == State()


def test_the_state_survives_being_written(tmp_path: Path) -> None:
    state = State("3.11 /here", "abc", ["test"], ["jackd2"], ["xvfb"])
    state.write(tmp_path)
    assert State.read(tmp_path) == state
    assert [path.name for path in tmp_path.iterdir()] == [bootstrap.STATE_FILE]


@pytest.mark.parametrize(
    ("rights", "prefix"), [({"root": True}, ["env"]), ({"sudo": True}, ["sudo", "-n", "env"])]
)
def test_missing_system_packages_are_installed_without_a_question(
    rights: dict[str, bool], prefix: list[str]
) -> None:
    run = Recorder()
    assert provide([PORTAUDIO, JACK], machine({"jackd2"}, run, **rights)) == []
    (command,) = run.commands
    assert command[: len(prefix)] == prefix
    assert "DEBIAN_FRONTEND=noninteractive" in command
    assert command[-4:] == ["install", "-y", "--no-install-recommends", "libportaudio2"]


def test_without_the_right_to_install_nothing_is_run(capsys: pytest.CaptureFixture[str]) -> None:
    run = Recorder()
    computer = machine(set(), run)
    assert provide([PORTAUDIO, JACK], computer) == [PORTAUDIO, JACK]
    assert run.commands == []
    line = advice([PORTAUDIO, JACK], computer)
    assert "sudo apt-get install -y --no-install-recommends libportaudio2 jackd2" in line


def test_an_apt_that_fails_is_tried_again_with_fresh_lists(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = Recorder(statuses={"install": 100})
    run.lines = ["E: Unable to locate package libportaudio2"]
    assert provide([PORTAUDIO], machine(set(), run, root=True)) == [PORTAUDIO]
    assert [run.ran("install"), run.ran("update")] == [2, 1]
    assert "Unable to locate package" in capsys.readouterr().err


def test_on_a_system_without_apt_the_libraries_are_named() -> None:
    computer = Machine(has_program=lambda name: False, is_met=lambda need: False)
    assert "libportaudio.so.2" in advice([PORTAUDIO], computer)
    assert "apt" not in advice([PORTAUDIO], computer)


def test_play_goes_on_without_a_helpful_package_and_says_the_line_every_time(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, apt = Recorder(project), Recorder(statuses={"install": 100})
    apt.lines = ["E: no network"]
    computer = machine({"python3-venv"}, apt, root=True)
    for _start in range(3):
        prepare(PLAY, project, computer, run)
        assert "libportaudio2" in capsys.readouterr().err
    assert apt.ran("install") == 2  # tried, and tried once more with fresh lists, at the first


def test_tests_stop_without_a_required_package(project: Path) -> None:
    with pytest.raises(SetupError, match=r"sudo apt-get install .* jackd2"):
        prepare(Setup(required=((JACK,),)), project, machine(set(READY)), Recorder(project))


def test_a_later_round_is_asked_for_only_when_still_missing(project: Path) -> None:
    tools = Need("jack-example-tools", program="jack_lsp")
    run = Recorder()
    computer = machine({*READY, "jack-example-tools"}, run, root=True)
    prepare(Setup(required=((JACK,), (tools,))), project, computer, Recorder(project))
    assert run.ran("jackd2") == 1
    assert run.ran("jack-example-tools") == 0


def test_a_python_without_venv_is_one_line_to_type(project: Path) -> None:
    with pytest.raises(SetupError, match=r"apt-get install .*python3(\.\d+)?-venv"):
        prepare(PLAY, project, machine({"libportaudio2"}), Recorder(project))
    assert not (project / ".venv").exists()


def test_a_missing_venv_is_installed_where_allowed(project: Path) -> None:
    apt, run = Recorder(), Recorder(project)
    prepare(PLAY, project, machine({"libportaudio2"}, apt, root=True), run)
    assert [command[-1].endswith("-venv") for command in apt.commands] == [True]
    assert run.ran("venv") == 1


@pytest.mark.parametrize(
    ("own", "on_path", "chosen"),
    [
        ((3, 11), {"python3.12"}, (sys.executable, "3.11")),
        ((3, 12), set(), (sys.executable, "3.12")),
        ((3, 13), {"python3.11"}, ("/bin/python3.11", "3.11")),
        ((3, 9), {"python3.11", "python3.12"}, ("/bin/python3.12", "3.12")),
    ],
)
def test_a_python_that_fits_is_found(
    own: tuple[int, int], on_path: set[str], chosen: tuple[str, str]
) -> None:
    assert choose_python(own, lambda name: f"/bin/{name}" if name in on_path else None) == chosen


def test_a_wrong_python_is_one_sentence() -> None:
    with pytest.raises(SetupError, match=r"Python 3\.11 or 3\.12 is needed and this is 3\.9"):
        choose_python((3, 9), lambda name: None)


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ("ERROR: [Errno 28] No space left on device", "the disk is full"),
        ("after connection broken by 'NewConnectionError(<pip object>)'", "there is no network"),
        ("ERROR: No matching distribution found for onnx>=9", "No matching distribution"),
        ("Segmentation fault", "Segmentation fault"),
    ],
)
def test_what_pip_says_becomes_one_sentence(project: Path, said: str, meaning: str) -> None:
    run = Recorder(project, {"pip": 1})
    run.lines = ["Collecting numpy", said, ""]
    with pytest.raises(SetupError) as caught:
        prepare(PLAY, project, machine(set(READY)), run)
    sentence = str(caught.value)
    assert meaning in sentence
    assert "rtvae-setup.log" in sentence
    assert "\n" not in sentence


def test_a_full_disk_is_named_even_when_nobody_says_so(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Recorder(project, {"venv": 1})
    run.lines = ["Error: Command 'ensurepip' returned non-zero exit status 1."]
    usage = shutil.disk_usage(project)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(SetupError, match="the disk is full"):
        prepare(PLAY, project, machine(set(READY)), run)


@pytest.mark.parametrize(
    ("trouble", "status", "words"),
    [
        (SetupError("no such thing"), 1, "no such thing"),
        (KeyboardInterrupt(), 130, "the same command goes on"),
        (OSError(28, "No space left on device", "/full"), 1, "the disk is full: free"),
        (OSError(13, "Permission denied", "/home/x"), 1, "Permission denied at /home/x"),
    ],
)
def test_every_trouble_ends_in_one_line_and_a_status(
    trouble: BaseException, status: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def work() -> int:
        raise trouble

    assert bootstrap.main(work) == status
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1


def test_screen_libraries_are_wanted_only_with_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    dark = {need.package for need in bootstrap.play_needs({})}
    lit = {need.package for need in bootstrap.play_needs({"DISPLAY": ":0"})}
    assert dark == {"libportaudio2"}
    assert dark < lit
    assert "libxcb-cursor0" in lit
    assert bootstrap.play_needs({"WAYLAND_DISPLAY": "wayland-0"}) == bootstrap.play_needs(
        {"DISPLAY": ":0"}
    )


def test_a_followed_command_keeps_its_lines_and_its_log(tmp_path: Path) -> None:
    shown = io.StringIO()
    code = "print('Collecting numpy>=1'); print('odd', bytes([65])); raise SystemExit(3)"
    log = tmp_path / "setup.log"
    outcome = follow([sys.executable, "-c", code], "trying", log=log, out=shown)
    assert outcome == Outcome(3, ["Collecting numpy>=1", "odd b'A'"])
    assert outcome.last_line() == "odd b'A'"
    assert "Collecting numpy>=1\nodd b'A'\n" in log.read_text()
    assert shown.getvalue().splitlines() == [
        "rtvae: trying ...",
        "rtvae: trying: stopped after 0 s",
    ]


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("Collecting numpy>=1.26 (from rtvae==0.1.0)", "looking up numpy"),
        ("  Downloading onnx-1.2-cp311-linux.whl (255.6 MB)", "fetching onnx, 255.6 MB"),
        ("Installing collected packages: numpy, rich", "unpacking"),
        ("Get:1 http://host/debian stable/main amd64 xauth amd64 1.1 [3 kB]", "fetching xauth"),
        ("Looking in indexes: https://name:secret@host/simple", ""),
    ],
)
def test_the_progress_line_says_what_matters(line: str, meaning: str) -> None:
    assert headline(line) == meaning


def test_play_arguments_reach_rtvae_play_and_a_ready_set_up_is_silent(project: Path) -> None:
    """The real scripts, in a project whose set-up is done: only `python -m rtvae play` remains."""
    for name in ("run.py", "bootstrap.py", "progress.py", "system_packages.py"):
        shutil.copy(TOOLS / name, project / "tools" / name)
    python = venv_python(project / ".venv")
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\nprintf "%s|" "$@"\n')
    python.chmod(0o755)
    version = ".".join(map(str, sys.version_info[:2]))
    every = ["libportaudio2", *(need.package for need in bootstrap.SCREEN)]
    state = State(f"{version} {project / '.venv'}", fingerprint(project), [], every, [])
    state.write(project / ".venv")
    command = [sys.executable, str(project / "tools" / "run.py"), "a model", "--duration", "1"]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "-m|rtvae|play|a model|--duration|1|"
