"""A preset saved while the program is killed or the disk is full: the old one or the new one."""

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from rtvae.control.presets import Preset
from rtvae.errors import PresetError
from rtvae.host.preset_files import load_preset, save_preset
from rtvae.host.whole_file import Disk

OLD = Preset(name="stage", settings=(("output_gain_db", -6.0),))
NEW = Preset(name="stage", settings=(("output_gain_db", -12.0),))
STEPS = 5


class Killed(BaseException):
    """The process is gone: nothing after this runs."""


class BadDisk(Disk):
    """Does as a disk does until its step number `fatal`, which it does by half or not at all.

    `error` None is a killed process: from then on nothing is done any more.
    """

    def __init__(self, fatal: int, half: bool, error: OSError | None) -> None:
        self.step, self.fatal, self.half, self.error = 0, fatal, half, error

    def write(self, path: Path, content: bytes) -> None:
        self._do(lambda: Disk.write(self, path, content[: len(content) // 2]))
        super().write(path, content)

    def copy(self, source: Path, target: Path) -> None:
        self._do(lambda: target.write_bytes(source.read_bytes()[:3]))
        super().copy(source, target)

    def replace(self, source: Path, target: Path) -> None:
        self._do(lambda: Disk.replace(self, source, target))
        super().replace(source, target)

    def remove(self, path: Path) -> None:
        if self.error is None:
            raise Killed
        super().remove(path)

    def flush_folder(self, folder: Path) -> None:
        self._do(lambda: None)

    def _do(self, by_half: Callable[[], object]) -> None:
        self.step += 1
        if self.step == self.fatal:
            if self.half:
                by_half()
            raise self.error if self.error is not None else Killed


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save_preset(OLD, tmp_path / "stage.toml")
    return tmp_path / "stage.toml"


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("fatal", range(1, STEPS + 1))
def test_killed_at_any_step_leaves_the_old_preset_or_the_new_one(
    path: Path, fatal: int, half: bool
) -> None:
    with pytest.raises(Killed):
        save_preset(NEW, path, BadDisk(fatal, half, None))
    assert load_preset(path).settings in (OLD.settings, NEW.settings)
    backup = path.with_name("stage.toml.bak")
    if backup.exists():
        assert backup.read_text() == path.read_text() or load_preset(path).settings == NEW.settings
    # The next save is not in the way of what was left.
    save_preset(NEW, path)
    assert load_preset(path).settings == NEW.settings


@pytest.mark.parametrize("fatal", range(1, STEPS))
def test_a_full_disk_is_one_sentence_and_the_old_preset_is_kept(path: Path, fatal: int) -> None:
    disk = BadDisk(fatal, True, OSError(errno.ENOSPC, "No space left on device"))
    if fatal == STEPS - 1:
        disk.half = False
    with pytest.raises(PresetError, match=r"cannot be saved \(No space left on device\)"):
        save_preset(NEW, path, disk)
    assert load_preset(path).settings == OLD.settings
    assert sorted(file.suffix for file in path.parent.iterdir()) in ([".toml"], [".bak", ".toml"])


def test_what_was_saved_before_is_kept_as_a_backup(path: Path) -> None:
    before = path.read_text()
    save_preset(NEW, path)
    assert path.with_name("stage.toml.bak").read_text() == before
    assert load_preset(path).settings == NEW.settings


def test_the_steps_are_all_the_steps(path: Path) -> None:
    disk = BadDisk(fatal=0, half=False, error=None)
    save_preset(NEW, path, disk)
    assert disk.step == STEPS
