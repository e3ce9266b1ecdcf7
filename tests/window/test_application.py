"""A fault in the window is said, printed a few times, and survived."""

import pytest

from rtvae.window.application import FAULT_REPORTS, FaultNet

from .conftest import Stage


def raise_there() -> None:
    raise ValueError("there")


def test_a_fault_is_named_and_printed_a_few_times_only(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    net = FaultNet(stage.window)
    for _ in range(100):
        try:
            raise_there()
        except ValueError as fault:
            net(type(fault), fault, fault.__traceback__)
    assert capsys.readouterr().err.count("Traceback") == FAULT_REPORTS
    assert "ValueError" in stage.window.message.text
