"""Pitch, heard hop by hop without looking ahead: octaves above 220 Hz, held where there is none.

The normalised square difference of the sound below 2 kHz, summed with an exponential window of
some 16 ms; the first peak nearly as high as the highest is the period. Source: McLeod and Wyvill,
A Smarter Way to Find Pitch (2005), eq. 9 and section 5.
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from rtvae.training.exact import exact
from rtvae.training.layers import CausalConv, Ops, Value, fold, unfold

STEP = 4
SHORTEST_LAG, LONGEST_LAG = 6, 200
WINDOW_MS = 16.0
PEAK_SHARE = 0.97
VOICED = 0.5
QUIET = 1e-7
TOP_HZ = 2000.0
REFERENCE_HZ = 220.0
LOW_TAPS = 96
SCAN = 64


class Pitch(nn.Module):
    """A pitch tracker with nothing to learn."""

    low_weight: Tensor
    energy: Tensor

    def __init__(self, hop_frames: int, sample_rate_hz: int) -> None:
        super().__init__()
        self.hop_frames = hop_frames
        self.per_hop = hop_frames // STEP
        self.low_rate_hz = sample_rate_hz / STEP
        self.context_hops = -(-(LONGEST_LAG + 1) // self.per_hop)
        self.keep = math.exp(-1000.0 * hop_frames / sample_rate_hz / WINDOW_MS)
        low = CausalConv(hop_frames, self.per_hop, 1 + -(-LOW_TAPS // hop_frames), bias=False)
        self.low_kernel = low.kernel
        weight = _decimator(hop_frames, low.kernel, sample_rate_hz)
        self.register_buffer("low_weight", weight, persistent=False)
        self.register_buffer("energy", self._energy(), persistent=False)

    @property
    def _lags(self) -> NDArray[np.int64]:
        return np.arange(SHORTEST_LAG - 1, LONGEST_LAG + 2)

    def _energy(self) -> Tensor:
        """Return what turns squares of a segment into half the energy at each lag."""
        many = self.context_hops * self.per_hop
        matrix = torch.zeros(many + self.per_hop, self._lags.shape[0])
        for column, lag in enumerate(self._lags):
            matrix[many - lag : many - lag + self.per_hop, column] += 0.5
            matrix[many:, column] += 0.5
        return matrix

    @torch.no_grad()
    @exact
    def forward(self, audio: Tensor) -> Tensor:
        """Whole sequence: `[B, 1, frames]` to octaves `[B, 1, hops]`."""
        padded = functional.pad(fold(audio, self.hop_frames), (self.low_kernel - 1, 0))
        low = unfold(functional.conv1d(padded, self.low_weight), self.per_hop)[:, 0]
        many = self.context_hops * self.per_hop
        segments = functional.pad(low, (many, 0)).unfold(1, many + self.per_hop, self.per_hop)
        products = self._products(segments, many)
        energies = segments.square() @ self.energy + QUIET
        sums = self._scan(torch.cat([products, energies], 2))
        many_lags = self._lags.shape[0]
        agreement = sums[..., :many_lags] / sums[..., many_lags:]
        place, around = first_peak(agreement.reshape(-1, many_lags))
        octaves = self._octaves(place, around).reshape(agreement.shape[0], -1)
        trust = around[:, 1].reshape(octaves.shape) >= VOICED
        at = torch.arange(1, octaves.shape[1] + 1, device=audio.device) * trust
        last = torch.cummax(at, 1).values
        return functional.pad(octaves, (1, 0)).gather(1, last)[:, None]

    def _products(self, segments: Tensor, many: int) -> Tensor:
        """Return the newest `per_hop` of each segment times what was there each lag before."""
        lags = self._lags
        first, count = many - int(lags[-1]), lags.shape[0]
        products = segments.new_zeros(*segments.shape[:2], count)
        for k in range(self.per_hop):
            newest = segments[:, :, many + k, None]
            products.addcmul_(segments[:, :, first + k : first + k + count], newest)
        return products.flip(2)

    def _scan(self, x: Tensor) -> Tensor:
        """Return `y[t] = keep * y[t - 1] + x[t]` along the second axis, in blocks."""
        power = self.keep ** torch.arange(SCAN + 1, device=x.device, dtype=x.dtype)
        apart = torch.arange(SCAN)[:, None] - torch.arange(SCAN)
        within = torch.where(apart >= 0, power[apart.clamp_min(0)], torch.zeros_like(power[:1]))
        last = torch.zeros_like(x[:, 0])
        blocks = []
        for block in torch.split(x, SCAN, 1):
            size = block.shape[1]
            summed = within[:size, :size] @ block + power[1 : size + 1, None] * last[:, None]
            last = summed[:, -1]
            blocks.append(summed)
        return torch.cat(blocks, 1)

    def _octaves(self, place: Tensor, around: Tensor) -> Tensor:
        left, middle, right = around.unbind(1)
        aside = 0.5 * (left - right) / (left - 2.0 * middle + right - 1e-9)
        lag = place + SHORTEST_LAG + aside.clamp(-1.0, 1.0)
        return math.log2(self.low_rate_hz / REFERENCE_HZ) - torch.log2(lag)

    def stream(self, ops: Ops, audio_rows: Value, hops: int) -> Value:
        """Streaming: rows `[hops, hop_frames]` to octaves `[hops, 1]`."""
        low = CausalConv(self.hop_frames, self.per_hop, self.low_kernel, bias=False)
        low.weight.data = self.low_weight
        rows = low.stream(ops, "pitch_low", audio_rows, hops)
        past = self.context_hops
        window = ops.concat([ops.state("pitch_past", past, self.per_hop), rows], 0)
        ops.carry("pitch_past", window, past + hops)
        if hops > 1:
            pick = np.arange(hops)[:, None] + np.arange(past + 1)
            window = ops.gather(window, pick.reshape(-1))
        segments = ops.reshape(window, hops, (past + 1) * self.per_hop)
        products = ops.columns(
            ops.correlate(segments, rows, hops), past * self.per_hop - self._lags
        )
        offset = torch.full((self._lags.shape[0],), QUIET)
        energies = ops.gemm(ops.mul(segments, segments), self.energy, offset)
        sums = self._stream_sums(ops, ops.concat([products, energies], 1), hops)
        many = self._lags.shape[0]
        agreement = ops.div(
            ops.columns(sums, np.arange(many)), ops.columns(sums, many + np.arange(many))
        )
        place, around = ops.first_peak(agreement, hops, many)
        return ops.hold("pitch_held", self._stream_octaves(ops, place, around), around, hops)

    def _stream_sums(self, ops: Ops, x: Value, hops: int) -> Value:
        rows = ops.concat([ops.state("pitch_sums", 1, 2 * self._lags.shape[0]), x], 0)
        weights = torch.zeros(hops, 1 + hops)
        for hop in range(hops):
            for at in range(hop + 2):
                weights[hop, at] = self.keep ** (hop + 1 - at)
        sums = ops.mix_rows(weights, rows, torch.zeros(1))
        ops.carry("pitch_sums", sums, hops)
        return sums

    def _stream_octaves(self, ops: Ops, place: Value, around: Value) -> Value:
        tilt = ops.gemm(around, torch.tensor([[0.5], [0.0], [-0.5]]))
        bend = ops.gemm(around, torch.tensor([[1.0], [-2.0], [1.0]]), torch.tensor([-1e-9]))
        aside = ops.clip(ops.div(tilt, bend), -1.0, 1.0)
        lag = ops.gemm(place, torch.ones(1, 1), plus=aside)
        lag = ops.gemm(lag, torch.ones(1, 1), torch.tensor([float(SHORTEST_LAG)]))
        top = math.log2(self.low_rate_hz / REFERENCE_HZ)
        return ops.gemm(ops.log(lag), torch.tensor([[-1 / math.log(2)]]), torch.tensor([top]))


def first_peak(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return where the first of the highest peaks of each row is, and the three values there.

    `x` is `[rows, columns]`; the place, `[rows]`, counts from the second column; the values are
    `[rows, 3]`. A peak is high if it reaches PEAK_SHARE of the highest.
    """
    left, middle, right = x[:, :-2], x[:, 1:-1], x[:, 2:]
    peaks = torch.where(middle >= torch.maximum(left, right), middle, torch.zeros_like(middle))
    enough = PEAK_SHARE * peaks.amax(1, keepdim=True)
    place = torch.minimum(peaks, enough).argmax(1)
    around = torch.stack(
        [part.gather(1, place[:, None])[:, 0] for part in (left, middle, right)], 1
    )
    return place.to(x.dtype), around


def _decimator(hop: int, kernel: int, rate: int) -> Tensor:
    """Return the low-pass below TOP_HZ, taken at every STEP-th frame, in hop rows."""
    response = _low_pass(rate)
    weight = torch.zeros(hop // STEP, hop, kernel)
    for out in range(hop // STEP):
        for delay in range(LOW_TAPS):
            at = STEP * (out + 1) - 1 - delay
            weight[out, at % hop, kernel - 1 + at // hop] = float(response[delay])
    return weight


def _low_pass(rate: int) -> NDArray[np.float64]:
    """Return a windowed-sinc low-pass made minimum phase, so that it is early."""
    at = np.arange(LOW_TAPS) - (LOW_TAPS - 1) / 2
    linear = np.sinc(2 * TOP_HZ / rate * at) * np.hanning(LOW_TAPS + 2)[1:-1]
    log_gain = np.log(np.abs(np.fft.fft(linear / linear.sum(), 4096)) + 1e-5)
    cepstrum = np.fft.ifft(log_gain).real
    cepstrum[1:2048] *= 2.0
    cepstrum[2049:] = 0.0
    early: NDArray[np.float64] = np.fft.ifft(np.exp(np.fft.fft(cepstrum))).real[:LOW_TAPS]
    return early
