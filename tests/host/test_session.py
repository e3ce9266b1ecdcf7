"""What a killed host leaves behind is cleaned up, and nothing else is touched."""

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

from rtvae.host.session import clean_up_after_dead_hosts, note_engine, session
from rtvae.link.session_memory import create_session_folder
from tests.support.playing import PROJECT, environment

HOST = """
    import os, signal, subprocess, sys
    from rtvae.host.session import note_engine, session
    with session() as folder:
        sleep = [sys.executable, "-c", "import time; time.sleep(60)", str(folder)]
        engine = subprocess.Popen(sleep, stdout=subprocess.DEVNULL)
        note_engine(folder, engine.pid)
        print(folder, engine.pid, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_session_folder_goes_with_its_session() -> None:
    with session() as folder:
        assert folder.is_dir()
    assert not folder.exists()


def test_a_living_hosts_session_is_left_alone() -> None:
    with session() as folder:
        note_engine(folder, os.getpid())
        assert clean_up_after_dead_hosts([folder.parent]) == []
        assert folder.is_dir()


def test_a_killed_hosts_engine_is_stopped_and_its_folder_removed() -> None:
    host = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(HOST)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
        cwd=PROJECT,
    )
    folder, pid = host.stdout.split()
    assert Path(folder).is_dir()
    assert alive(int(pid))
    done = clean_up_after_dead_hosts([Path(folder).parent])
    assert len(done) == 1
    assert not alive(int(pid))
    assert not Path(folder).exists()
    assert clean_up_after_dead_hosts([Path(folder).parent]) == []


def test_a_process_that_only_has_the_engines_old_number_is_left_alone() -> None:
    folder = create_session_folder()
    (folder / "host.pid").write_text("1")
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    note_engine(folder, stranger.pid)
    assert clean_up_after_dead_hosts([folder.parent]) == []
    assert not folder.exists()
    assert stranger.poll() is None
    stranger.communicate(b"\n")


def test_other_peoples_folders_are_left_alone(tmp_path: Path) -> None:
    """Their name may begin like ours."""
    mine = tmp_path / "rtvae-recordings"
    mine.mkdir()
    (mine / "host.pid").write_text("1")
    (mine / "take 1.wav").touch()
    os.utime(mine, (0, 0))
    clean_up_after_dead_hosts([tmp_path])
    assert (mine / "take 1.wav").exists()


def test_a_session_that_is_just_being_made_is_left_alone() -> None:
    folder = create_session_folder()
    clean_up_after_dead_hosts([folder.parent])
    assert folder.exists()
    an_hour_ago = time.time() - 3600.0
    os.utime(folder, (an_hour_ago, an_hour_ago))
    clean_up_after_dead_hosts([folder.parent])
    assert not folder.exists()


def alive(pid: int) -> bool:
    """Whether a process runs; one that is dead and waits for its parent does not."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False
