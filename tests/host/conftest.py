"""Whole runs of `rtvae play` share one small project folder, a JACK server and a controller."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.controller import controller
from tests.support.home import make_home
from tests.support.jack import JackServer, found_by_all


@pytest.fixture(scope="session")
def small_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_home(tmp_path_factory.mktemp("home"))


@pytest.fixture
def home(small_project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("RTVAE_HOME", str(small_project))
    yield small_project


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[JackServer]:
    """A running JACK server that every process started by the test finds."""
    with found_by_all(monkeypatch) as running:
        yield running


@pytest.fixture
def knobs(server: JackServer) -> Iterator[Any]:
    """A controller on that server."""
    port = controller()
    yield port
    port.delete()
