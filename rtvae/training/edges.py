"""Sound that ends at an edge: low-pass filters the decoder may lean on, mixed hop by hop.

Much of what is recorded ends somewhere: at 4 kHz after a telephone, 8 and 11 kHz after a small
sample rate, 16 kHz after a codec, 20 kHz in most recordings of our time. A network whose rows are
turned into audio by one linear layer cannot keep a band 80 dB below its neighbours; a filter can.
The decoder's output and its low-passed versions are mixed with weights that add up to one, so
that with all the weight on the first nothing is filtered and nothing is late. The filters have
minimum phase, for the least delay.

Source: Oppenheim and Schafer, Discrete-Time Signal Processing, section 13.5 (minimum phase from
the cepstrum).
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from rtvae.training.exact import exact
from rtvae.training.layers import CausalConv, Ops, Value

TAP_ROWS = 16
PASS_SHARE = 0.93
STOP_DB = 80.0
OPEN_BIAS = 4.0


class Edges(nn.Module):
    """Mix audio with its low-passed versions, by weights from the decoder's hop features."""

    bank: Tensor

    def __init__(
        self, edges_hz: tuple[float, ...], features: int, row_frames: int, sample_rate_hz: int
    ) -> None:
        super().__init__()
        self.row_frames, self.ways = row_frames, 1 + len(edges_hz)
        self.weigh = CausalConv(features, self.ways, 1)
        with torch.no_grad():
            assert self.weigh.bias is not None
            self.weigh.weight.mul_(0.1)
            self.weigh.bias[0] = OPEN_BIAS
        self.register_buffer("bank", self._bank(edges_hz, sample_rate_hz), persistent=False)

    def _bank(self, edges_hz: tuple[float, ...], rate: int) -> Tensor:
        """Return the filters in row form, `[ways * row, row, TAP_ROWS]`; the first is a wire."""
        row, taps = self.row_frames, self.row_frames * (TAP_ROWS - 1) + 1
        bank = np.zeros((self.ways, row, row, TAP_ROWS), np.float32)
        responses = [np.eye(1, taps)[0], *(low_pass(hz, rate, taps) for hz in edges_hz)]
        for way, response in enumerate(responses):
            for out in range(row):
                for delay in range(taps):
                    at = out - delay
                    bank[way, out, at % row, TAP_ROWS - 1 + at // row] = response[delay]
        return torch.from_numpy(bank.reshape(self.ways * row, row, TAP_ROWS))

    @exact
    def forward(self, rows: Tensor, features: Tensor, rows_per_hop: int) -> Tensor:
        """Whole sequence: rows `[B, row_frames, T]` and features `[B, features, hops]` to rows."""
        ways = functional.conv1d(functional.pad(rows, (TAP_ROWS - 1, 0)), self.bank)
        share = torch.softmax(self.weigh(features), 1).repeat_interleave(rows_per_hop, 2)
        apart = ways.reshape(ways.shape[0], self.ways, self.row_frames, -1)
        return (apart * share[:, :, None]).sum(1)

    def stream(self, ops: Ops, rows: Value, features: Value, hops: int, rows_per_hop: int) -> Value:
        """Streaming: rows `[hops * rows_per_hop, row_frames]` to the same shape."""
        row = self.row_frames
        fan = CausalConv(row, self.ways * row, TAP_ROWS, bias=False)
        fan.weight.data = self.bank.clone()
        ways = fan.stream(ops, "edges", rows, hops * rows_per_hop)
        share = ops.softmax(self.weigh.stream(ops, "weigh", features, hops))
        each = torch.eye(self.ways).repeat_interleave(row, 1)
        ways = ops.scale_rows(ways, ops.gemm(share, each), hops, rows_per_hop)
        return ops.gemm(ways, torch.eye(row).repeat(self.ways, 1))


def low_pass(edge_hz: float, sample_rate_hz: int, taps: int) -> NDArray[np.float64]:
    """Return a minimum-phase low-pass `(taps,)` that is down by STOP_DB from `edge_hz` on."""
    size = 1 << 14
    hz = np.fft.rfftfreq(size, 1 / sample_rate_hz)
    slope = np.clip((hz / edge_hz - PASS_SHARE) / (1 - PASS_SHARE), 0.0, 1.0)
    log_gain = -STOP_DB / 20 * np.log(10) * 0.5 * (1 - np.cos(np.pi * slope))
    cepstrum = np.fft.irfft(log_gain, size)
    cepstrum[1 : size // 2] *= 2.0
    cepstrum[size // 2 + 1 :] = 0.0
    response = np.fft.irfft(np.exp(np.fft.rfft(cepstrum)), size)[:taps]
    fade = taps // 2
    response[-fade:] *= 0.5 * (1 + np.cos(np.pi * np.arange(1, fade + 1) / fade))
    return np.asarray(response, np.float64)
