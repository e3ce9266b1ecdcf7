"""Sets up everything rtvae needs, once: a Python that fits, system packages, .venv, packages.

`prepare` is the whole story. What was reached is written to .venv/rtvae-setup.json after every
step, so that the next start skips what is done and repairs what was interrupted. Standard library
only, and readable by any Python from 3.7 on, so that an old one gets a sentence and not a
traceback.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from progress import Outcome, follow, say
from system_packages import SCREEN, SOUND, Machine, Need, advice, apt_install, apt_line, provide

PROJECT = Path(__file__).resolve().parent.parent
VERSIONS = ((3, 12), (3, 11))  # pyproject.toml: requires-python
STATE_FILE = "rtvae-setup.json"
LOG_FILE = "rtvae-setup.log"

FULL_DISK_BYTES = 50e6  # less than this left after a failure: the disk is the reason
DISK_IS_FULL = "the disk is full: free about 2 GB and run the same command again"
NO_NETWORK = "there is no network: connect and run the same command again"

# What pip or venv says -> what it means for its user. The first that matches counts.
TROUBLES = (
    ("No space left on device", DISK_IS_FULL),
    ("Disk quota exceeded", "your disk quota is used up: free about 2 GB and run this again"),
    ("NewConnectionError", NO_NETWORK),
    ("name resolution", NO_NETWORK),
    ("ConnectTimeoutError", "the network does not answer: connect and run the same command again"),
    ("ReadTimeoutError", "the network is too slow or broke off: run the same command again"),
    ("ProxyError", "the network's proxy refuses: check the proxy settings and run this again"),
    (
        "Permission denied",
        "you may not write to .venv here: work in a copy of the project's folder",
    ),
)


class SetupError(Exception):
    """What stands in the way, in one sentence with its remedy."""


@dataclass(frozen=True)
class Setup:
    """What one of the commands needs: extras of the package, and rounds of system packages.

    It cannot go on without the `required` ones; it can without the `helpful` ones.
    """

    extras: tuple[str, ...] = ()
    required: tuple[tuple[Need, ...], ...] = ()
    helpful: tuple[Need, ...] = ()


@dataclass
class State:
    """What has been reached in .venv. `told` are packages whose line to type was shown."""

    environment: str = ""
    packages: str = ""
    extras: list[str] = field(default_factory=list)
    system: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, folder: Path) -> State:
        """The state in `folder`; the empty one where there is none or it is damaged."""
        try:
            return cls(**json.loads((folder / STATE_FILE).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return cls()

    def not_known(self, needs: Iterable[Need]) -> list[Need]:
        """Those of `needs` that nobody has seen on this machine yet."""
        return [need for need in needs if need.package not in self.system]

    def know(self, needs: Iterable[Need]) -> None:
        """`needs` are there."""
        self.system = sorted({*self.system, *(need.package for need in needs)})

    def write(self, folder: Path) -> None:
        """Replace the state in `folder` in one step."""
        draft = folder / f"{STATE_FILE}.new"
        draft.write_text(json.dumps(asdict(self)), encoding="utf-8")
        draft.replace(folder / STATE_FILE)


def prepare(
    setup: Setup,
    project: Path = PROJECT,
    machine: Machine | None = None,
    run: Callable[..., Outcome] = follow,
) -> Path:
    """Everything `setup` asks for; returns the interpreter of .venv. Raises SetupError."""
    machine = machine or Machine()
    folder = project / ".venv"
    interpreter, version = choose_python(sys.version_info[:2], shutil.which)
    environment, packages = f"{version} {folder}", fingerprint(project)
    state = State.read(folder)
    if state.environment != environment or not os.access(venv_python(folder), os.X_OK):
        ensure_venv_module(interpreter, version, machine)
        make_venv(interpreter, folder, run)
        state = State(environment=environment)
        state.write(folder)
    if ensure_system(setup, state, machine):
        state.write(folder)
    if state.packages != packages or not set(setup.extras) <= set(state.extras):
        install(setup.extras, project, run)
        state.packages, state.extras = packages, sorted(setup.extras)
        state.write(folder)
    return venv_python(folder)


def choose_python(own: Sequence[int], find: Callable[[str], str | None]) -> tuple[str, str]:
    """The interpreter to build .venv from, and its version: this one, or another on the path."""
    for major, minor in sorted(VERSIONS, key=lambda version: version != tuple(own)):
        name = f"{major}.{minor}"
        found = sys.executable if (major, minor) == tuple(own) else find(f"python{name}")
        if found:
            return found, name
    raise SetupError(
        f"Python 3.11 or 3.12 is needed and this is {own[0]}.{own[1]}: "
        "install one of them beside it and run the same command again"
    )


def ensure_venv_module(interpreter: str, version: str, machine: Machine) -> None:
    """Debian splits `venv` from Python; get it, or name the package to get."""
    if machine.has_venv(interpreter):
        return
    debian = os.path.realpath("/usr/bin/python3") == os.path.realpath(interpreter)
    package = "python3-venv" if debian else f"python{version}-venv"
    apt_install([package], machine)
    if not machine.has_venv(interpreter):
        raise SetupError(f"Python's venv module is missing: {apt_line([package], machine)}")


def make_venv(interpreter: str, folder: Path, run: Callable[..., Outcome] = follow) -> None:
    """A new, empty .venv; whatever was in its place (an interrupted one, say) goes."""
    outcome = run([interpreter, "-m", "venv", "--clear", str(folder)], "making .venv")
    if outcome.status != 0:
        raise SetupError(f".venv could not be made: {_reason(outcome, folder)}")


def ensure_system(setup: Setup, state: State, machine: Machine) -> bool:
    """System packages: installed where allowed, else one line to type. True if `state` changed.

    Helpful ones are tried once; after that only the line is shown, so that a start stays quick.
    """
    before = (state.system, state.told)
    for needs in setup.required:
        unknown = state.not_known(needs)
        missing = provide(unknown, machine)
        if missing:
            raise SetupError(f"system packages are missing: {advice(missing, machine)}")
        state.know(unknown)
    unknown = state.not_known(setup.helpful)
    if {need.package for need in unknown} <= set(state.told):
        missing = [need for need in unknown if not machine.is_met(need)]
    else:
        missing = provide(unknown, machine)
    if missing:
        say(f"some system packages are missing: {advice(missing, machine)}")
    state.know(need for need in unknown if need not in missing)
    state.told = sorted(need.package for need in missing)
    return (state.system, state.told) != before


def install(extras: Iterable[str], project: Path, run: Callable[..., Outcome] = follow) -> None:
    """The package itself, editable, with `extras`, into .venv. Raises SetupError."""
    folder = project / ".venv"
    drop_half_installed(folder)
    named = ",".join(extras)
    target = f"{project}[{named}]" if named else str(project)
    constraints = project / "tools" / "constraints.txt"
    options = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
    options += ["--only-binary", "llvmlite"]  # an older one that is ready-made, never a compiler
    command = [str(venv_python(folder)), "-m", "pip", "install", *options]
    outcome = run(
        [*command, "-c", str(constraints), "-e", target],
        f"installing rtvae and what it needs{f' (with {named})' if named else ''}",
        log=folder / LOG_FILE,
    )
    if outcome.status != 0:
        raise SetupError(
            f"the Python packages could not be installed: {_reason(outcome, folder)} "
            f"(all that pip said is in {folder / LOG_FILE})"
        )


def drop_half_installed(folder: Path) -> None:
    """Forget packages whose installation was cut off, so that pip installs them again.

    pip writes INSTALLER last; a package without it may lack files, yet counts as installed.
    """
    for record in folder.glob("lib*/**/site-packages/*.dist-info"):
        if not (record / "INSTALLER").exists():
            shutil.rmtree(record)


def fingerprint(project: Path) -> str:
    """Changes when the packages to install do."""
    sources = (project / "pyproject.toml", project / "tools" / "constraints.txt")
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()


def venv_python(folder: Path) -> Path:
    """The interpreter inside a virtual environment."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def play_needs(environment: dict[str, str]) -> tuple[Need, ...]:
    """System packages for playing: sound, and Qt's only where there is a screen."""
    if not sys.platform.startswith("linux"):
        return ()
    has_screen = environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")
    return (*SOUND, *SCREEN) if has_screen else SOUND


def main(work: Callable[[], int]) -> int:
    """Run `work`; every known trouble is one sentence and an exit status, never a traceback."""
    try:
        return work()
    except SetupError as error:
        say(str(error))
    except KeyboardInterrupt:
        say("interrupted: the same command goes on from here")
        return 130
    except OSError as error:
        full = error.errno == errno.ENOSPC
        say(DISK_IS_FULL if full else f"the set-up failed: {error.strerror or error}{_at(error)}")
    return 1


def become(command: Sequence[str]) -> int:
    """Replace this process by `command`; on Windows, which cannot, wait for it."""
    if os.name == "nt":
        return subprocess.call(list(command))
    os.execv(command[0], list(command))


def _reason(outcome: Outcome, folder: Path) -> str:
    said = "\n".join(outcome.lines)
    for words, meaning in TROUBLES:
        if words in said:
            return meaning
    if folder.exists() and shutil.disk_usage(folder).free < FULL_DISK_BYTES:
        return DISK_IS_FULL
    errors = re.findall(r"^\s*ERROR: *(.*)", said, re.MULTILINE | re.IGNORECASE)
    return errors[0].strip() if errors else outcome.last_line()


def _at(error: OSError) -> str:
    return f" at {error.filename}" if error.filename else ""
