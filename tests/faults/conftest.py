"""Tests of whole sessions share one small project folder and a JACK server of their own."""

from collections.abc import Iterator

import pytest

from tests.host.conftest import home, small_project
from tests.support.jack import JackServer, found_by_all

__all__ = ["home", "small_project"]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[JackServer]:
    """A running JACK server that every process started by the test finds."""
    with found_by_all(monkeypatch, period=256) as running:
        yield running
