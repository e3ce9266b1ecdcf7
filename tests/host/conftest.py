"""Whole runs of `rtvae play` share one small project folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.home import make_home


@pytest.fixture(scope="session")
def small_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_home(tmp_path_factory.mktemp("home"))


@pytest.fixture
def home(small_project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("RTVAE_HOME", str(small_project))
    yield small_project
