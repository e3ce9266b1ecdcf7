"""What rtvae needs from the operating system, and how to get it with apt where that is allowed.

Whether a need is met is asked of the machine (does the library load, is the program there), not
of the package manager, so it holds on every Linux; only installing knows Debian and Ubuntu.
Standard library only.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from progress import Outcome, follow, say

APT_INSTALL = ("apt-get", "install", "-y", "--no-install-recommends")
APT_QUIET = ("-o", "DPkg::Lock::Timeout=120")


@dataclass(frozen=True)
class Need:
    """One system package, by its name in Debian, and what shows that it is there."""

    package: str
    library: str = ""
    program: str = ""
    file: str = ""

    def is_met(self) -> bool:
        if self.library:
            return _loads(self.library)
        if self.program:
            return shutil.which(self.program) is not None
        return Path(self.file).exists()


SOUND = (Need("libportaudio2", library="libportaudio.so.2"),)

# What Qt's xcb platform loads and its wheel does not carry.
SCREEN = (
    Need("libxcb-cursor0", library="libxcb-cursor.so.0"),
    Need("libxcb-icccm4", library="libxcb-icccm.so.4"),
    Need("libxcb-keysyms1", library="libxcb-keysyms.so.1"),
    Need("libxcb-image0", library="libxcb-image.so.0"),
    Need("libxcb-randr0", library="libxcb-randr.so.0"),
    Need("libxcb-render-util0", library="libxcb-render-util.so.0"),
    Need("libxcb-shape0", library="libxcb-shape.so.0"),
    Need("libxcb-xkb1", library="libxcb-xkb.so.1"),
    Need("libxkbcommon-x11-0", library="libxkbcommon-x11.so.0"),
    Need("libegl1", library="libEGL.so.1"),
    Need("libgl1", library="libGL.so.1"),
    Need("libdbus-1-3", library="libdbus-1.so.3"),
    Need("libfontconfig1", library="libfontconfig.so.1"),
    Need("libglib2.0-0", library="libglib-2.0.so.0"),
)

# A JACK server without a sound card, a screen without a monitor, voices and instruments.
TESTS = (
    Need("jackd2", program="jackd"),
    Need("xvfb", program="Xvfb"),
    Need("xauth", program="xauth"),
    Need("espeak-ng", program="espeak-ng"),
    Need("fluidsynth", program="fluidsynth"),
    Need("fluid-soundfont-gm", file="/usr/share/sounds/sf2/FluidR3_GM.sf2"),
)
# Part of jackd2 in Debian 12, a package of its own since: asked for only once jackd2 is there.
TESTS_LATER = (Need("jack-example-tools", program="jack_lsp"),)


@dataclass(frozen=True)
class Machine:
    """What installing asks of the computer; tests hand in another one."""

    is_root: bool = field(default_factory=lambda: hasattr(os, "geteuid") and os.geteuid() == 0)
    has_program: Callable[[str], bool] = field(default=lambda name: shutil.which(name) is not None)
    is_met: Callable[[Need], bool] = field(default=Need.is_met)
    has_venv: Callable[[str], bool] = field(default=lambda python: _has_venv(python))
    sudo_is_free: Callable[[], bool] = field(default=lambda: _sudo_asks_no_password())
    run: Callable[[list[str], str], Outcome] = field(default=follow)


def provide(needs: Iterable[Need], machine: Machine) -> list[Need]:
    """Install what is missing, if this user may without being asked; return what still is."""
    missing = [need for need in needs if not machine.is_met(need)]
    if missing:
        apt_install([need.package for need in missing], machine)
    return [need for need in missing if not machine.is_met(need)]


def apt_install(names: Sequence[str], machine: Machine) -> None:
    """Install packages, if this user may without being asked. Whether it helped is for others."""
    prefix = _root_prefix(machine)
    if prefix is None:
        return
    doing = f"installing {_listed(names)}"
    outcome = _apt(prefix, [*APT_INSTALL[1:], *names], doing, machine)
    if outcome.status != 0:
        _apt(prefix, ["update"], "updating the list of system packages", machine)
        outcome = _apt(prefix, [*APT_INSTALL[1:], *names], doing, machine)
    if outcome.status != 0:
        say(f"apt could not install them: {outcome.last_line()}")


def advice(missing: Sequence[Need], machine: Machine) -> str:
    """The one line to type, or what to look for where there is no apt."""
    if not machine.has_program("apt-get"):
        wanted = [need.library or need.program or need.file for need in missing]
        return f"install with your system's package manager what brings {_listed(wanted)}"
    return apt_line([need.package for need in missing], machine)


def apt_line(names: Sequence[str], machine: Machine) -> str:
    """The one line to type."""
    return "type:  " + " ".join([*([] if machine.is_root else ["sudo"]), *APT_INSTALL, *names])


def _root_prefix(machine: Machine) -> list[str] | None:
    """What to put before apt-get so that it runs as root and asks nothing; None if impossible."""
    if not machine.has_program("apt-get"):
        return None
    if machine.is_root:
        return []
    return ["sudo", "-n"] if machine.sudo_is_free() else None


def _has_venv(python: str) -> bool:
    asked = [python, "-c", "import venv, ensurepip"]
    return subprocess.run(asked, stdin=subprocess.DEVNULL, capture_output=True).returncode == 0


def _sudo_asks_no_password() -> bool:
    if shutil.which("sudo") is None:
        return False
    tried = subprocess.run(["sudo", "-n", "true"], stdin=subprocess.DEVNULL, capture_output=True)
    return tried.returncode == 0


def _apt(prefix: list[str], arguments: list[str], doing: str, machine: Machine) -> Outcome:
    environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
    return machine.run([*prefix, *environment, "apt-get", *APT_QUIET, *arguments], doing)


def _listed(names: Sequence[str]) -> str:
    if len(names) > 4:
        return f"{', '.join(names[:3])} and {len(names) - 3} more"
    return ", ".join(names)


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
