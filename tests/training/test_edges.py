"""The filters at the edges cut what lies above, and leave the rest alone and in time."""

import numpy as np
import pytest
import torch

from rtvae.training.edges import STOP_DB, Edges, low_pass
from rtvae.training.presets import EDGES_HZ

RATE, ROW = 48000, 16


def _gain_db(response: np.ndarray, hz: float) -> float:
    spectrum = np.abs(np.fft.rfft(response, 1 << 15))
    return float(20 * np.log10(spectrum[round(hz / RATE * (1 << 15))] + 1e-12))


@pytest.mark.parametrize("edge_hz", EDGES_HZ)
def test_a_filter_passes_below_its_edge_and_stops_above(edge_hz: float) -> None:
    response = low_pass(edge_hz, RATE, 241)
    assert abs(_gain_db(response, 0.75 * edge_hz)) < 1.0
    assert _gain_db(response, min(1.3 * edge_hz, 23500)) < -0.9 * STOP_DB


def _edges(bias: list[float]) -> Edges:
    edges = Edges((4000.0, 10000.0), 3, ROW, RATE)
    with torch.no_grad():
        edges.weigh.weight.zero_()
        assert edges.weigh.bias is not None
        edges.weigh.bias.copy_(torch.tensor(bias))
    return edges


def test_with_all_weight_on_the_wire_nothing_changes() -> None:
    rows = torch.randn(1, ROW, 40, generator=torch.Generator().manual_seed(1))
    played = _edges([60.0, 0.0, 0.0])(rows, torch.zeros(1, 3, 10), 4)
    torch.testing.assert_close(played, rows)


def test_with_all_weight_on_a_filter_a_tone_above_it_is_gone() -> None:
    time = torch.arange(ROW * 400) / RATE
    for hz, least_db, most_db in ((1000.0, -1.0, 1.0), (7000.0, -200.0, -70.0)):
        tone = torch.sin(2 * torch.pi * hz * time).reshape(400, ROW).T[None]
        with torch.no_grad():
            played = _edges([0.0, 60.0, 0.0])(tone, torch.zeros(1, 3, 100), 4)[:, :, 100:]
        gain_db = 20 * torch.log10(played.std() / tone[:, :, 100:].std())
        assert least_db < float(gain_db) < most_db
