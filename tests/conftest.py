"""For every test: a window platform without a screen, no JACK server by accident, seeded tries."""

import atexit
import os
import pathlib
import shutil
import tempfile

import pytest
from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# PortAudio would otherwise start the machine's JACK server as soon as it looks for devices.
os.environ.setdefault("JACK_NO_START_SERVER", "1")

# What admission finds out about test models is not kept among the user's files.
os.environ["RTVAE_CACHE"] = tempfile.mkdtemp(prefix="rtvae-test-cache-")
atexit.register(shutil.rmtree, os.environ["RTVAE_CACHE"], ignore_errors=True)

# Nor does a test remember anything for its user; and no window asks what a first start asks.
os.environ["RTVAE_CONFIG"] = tempfile.mkdtemp(prefix="rtvae-test-config-")
pathlib.Path(os.environ["RTVAE_CONFIG"], "window.json").write_text('{"welcomed": true}')
atexit.register(shutil.rmtree, os.environ["RTVAE_CONFIG"], ignore_errors=True)


@pytest.fixture(autouse=True)
def own_state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test's sessions leave by a crash is not restored in another's."""
    monkeypatch.setenv("RTVAE_STATE", str(tmp_path_factory.mktemp("state")))


# The same tries in every run; no time limit for one try, because machines stall.
settings.register_profile("rtvae", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("rtvae")
