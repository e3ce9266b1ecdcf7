"""A decoder that sings: sines at the multiples of a pitch, and noise, shaped by the latents.

    pitch latent -> oscillator phase -> 96 sines --- times --+
    latents -> residuals -> curve over frequency, read at each multiple of the pitch
                         -> gains of noise bands, four to a hop --- noise -> synthesis ---+-> audio
                         -> gains of low bands, one to a hop ------ noise -> long filters -+

Turning the pitch moves the sines under a curve that stays where it was, as a voice keeps its
vowel on another note. The phase is a state in whole 2^-17ths of a turn, and steps are looked up
in a table of cents: so every runtime and every number of hops at a time turn the same phase.

Sources: Serra and Smith, Spectral Modeling Synthesis (1990); Engel et al., DDSP (2020), for
learning it; Wang et al., Neural Source-Filter (2019), for the same idea in speech.
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from rtvae.training.edges import Edges
from rtvae.training.exact import exact
from rtvae.training.layers import CausalConv, ExactConv, Ops, Value, unfold
from rtvae.training.listening import Listening
from rtvae.training.noise import NOISE_UNIT, noise_table, table_noise
from rtvae.training.pitch import REFERENCE_HZ
from rtvae.training.shape import LOW_BANDS, VaeConfig

LOW_TAPS = 8
LOW_TOP_HZ = 3000.0
LOW_HEIGHT = 0.1
FINE = 12
CURVE_POINTS = 48
CURVE_RANGE = (-14.0, 4.0)
CURVE_START = -5.0
LOWEST_HZ, HIGHEST_HZ = 30.0, 4000.0
CENTS_PER_OCTAVE = 1200
TURN_PARTS = 1 << 17


class HarmonicDecoder(Listening):
    """Latents (loudness, brightness, pitch, timbres) to audio, one hop per row, without delay."""

    def __init__(self, config: VaeConfig) -> None:
        super().__init__(config)
        c = config
        self.pitch_at, self.harmonics = c.attributes.index("pitch"), c.harmonics
        self.curve = CausalConv(c.decoder_channels, CURVE_POINTS, 1)
        self.gains = CausalConv(c.decoder_channels, c.rows_per_hop * c.noise_channels, 2)
        self.synthesis = ExactConv(c.noise_channels, c.row_frames, c.synthesis_taps, bias=False)
        # Noise below and between the lowest partials, in bands far narrower than a row resolves.
        self.low_gains = CausalConv(c.decoder_channels, LOW_BANDS, 1)
        self.low_synthesis = ExactConv(LOW_BANDS, c.hop_frames, LOW_TAPS, bias=False)
        with torch.no_grad():
            assert self.gains.bias is not None and self.curve.bias is not None
            assert self.low_gains.bias is not None
            self.low_gains.bias.fill_(-3.0)
            self.low_synthesis.weight.copy_(_low_bands(c.hop_frames, c.sample_rate_hz))
            self.gains.bias.fill_(-3.0)
            self.curve.bias.fill_(CURVE_START)
            self.curve.weight.mul_(0.3)
        self.edges = (
            Edges(c.edges_hz, c.decoder_channels, c.row_frames, c.sample_rate_hz)
            if c.edges_hz
            else None
        )
        self.low_table = noise_table(LOW_BANDS)
        self.steps = step_table(c.hop_frames, c.sample_rate_hz)

    def forward(self, latent: Tensor, noise: Tensor | None = None) -> Tensor:
        """Whole sequence: `[B, latents, hops]` to `[B, 1, frames]`.

        `noise` is `[B, noise_inputs, rows]` of unit Gaussian numbers; None takes the table's.
        """
        c = self.config
        loud, x = self._loud(latent), self._features(latent)
        curve = torch.exp(self.curve(x).clamp(*CURVE_RANGE)) * loud
        tone = self._sing(latent[:, self.pitch_at], curve)
        gain = functional.softplus(unfold(self.gains(x), c.rows_per_hop))
        low = functional.softplus(self.low_gains(x)) * loud
        if noise is None:
            noise = table_noise(self.table, gain.shape[2]).to(x)
            low_noise = table_noise(self.low_table, low.shape[2]).to(x)
        else:
            low_noise = noise[:, c.noise_channels :, :: c.rows_per_hop]
            noise = noise[:, : c.noise_channels]
        hiss = self.synthesis(noise * gain * loud.repeat_interleave(c.rows_per_hop, 2))
        tone = tone + unfold(self.low_synthesis(low * low_noise), c.hop_frames)[:, 0]
        rows = tone.reshape(tone.shape[0], -1, c.row_frames).transpose(1, 2) + hiss
        if self.edges is not None:
            rows = self.edges(rows, x, c.rows_per_hop)
        return unfold(rows, c.row_frames)

    @exact
    def _sing(self, octaves: Tensor, curve: Tensor) -> Tensor:
        """Return the sines, `[B, frames]`, of pitch `[B, hops]` and curve `[B, points, hops]`."""
        hop, batch = self.config.hop_frames, curve.shape[0]
        with torch.no_grad():
            step = torch.from_numpy(self.steps).to(curve)[_cents(octaves).round().long()]
            within = torch.arange(1, hop + 1, device=curve.device) / hop
            phase = _fraction((_exact_sum(step) - step)[..., None] + step[..., None] * within)
            small, large = _waves(phase.reshape(-1, 1, hop), self.harmonics)
        height = self._heights(step * (self.config.sample_rate_hz / hop), curve)
        before = functional.pad(height, (0, 0, 1, 0))[:, :-1]
        pair = torch.stack([before, height], 2).reshape(-1, 2 * self.harmonics // FINE, FINE)
        # Sums over the small multiples first: the sines of all multiples never need to be there.
        sums = torch.bmm(pair, small).reshape(-1, 2, self.harmonics // FINE, 2, hop)
        ends = (sums * large[:, None]).sum((2, 3))
        # Each hop goes from the heights before it to its own along a straight line.
        tone: Tensor = ends[:, 0] * (1 - within) + ends[:, 1] * within
        return tone.reshape(batch, -1)

    def _heights(self, hz: Tensor, curve: Tensor) -> Tensor:
        """Read `[B, points, hops]` at multiples of `hz`, `[B, hops]`: `[B, hops, harmonics]`."""
        multiple = torch.arange(1, self.harmonics + 1, device=hz.device)
        partial_hz = hz[..., None] * multiple
        place = torch.log(1.0 + partial_hz / 700.0) * self._points_per_neper
        below = place.floor().clamp(0, CURVE_POINTS - 2)
        share = (place - below).clamp(0.0, 1.0)
        audible = ((self._top_hz - partial_hz) / self._fade_hz).clamp(0.0, 1.0)
        points, at = curve.transpose(1, 2), below.long()
        return (points.gather(2, at) * (1 - share) + points.gather(2, at + 1) * share) * audible

    @property
    def _top_hz(self) -> float:
        return 0.48 * self.config.sample_rate_hz

    @property
    def _fade_hz(self) -> float:
        return 0.02 * self.config.sample_rate_hz

    @property
    def _points_per_neper(self) -> float:
        return (CURVE_POINTS - 1) / math.log(1.0 + 0.5 * self.config.sample_rate_hz / 700.0)

    def stream(self, ops: Ops, latent: Value, hops: int, noise: Value | None = None) -> Value:
        """Streaming: `[hops, latents]` to `[hops * hop_frames]`; with rows of noise if given."""
        c = self.config
        loud = self._stream_loud(ops, latent)
        x = self._stream_features(ops, latent, hops)
        curve = ops.exp(ops.clip(self.curve.stream(ops, "curve", x, hops), *CURVE_RANGE))
        tone = self._stream_tone(ops, latent, ops.scale_rows(curve, loud, hops, 1), hops)
        rows = hops * c.rows_per_hop
        tone = self._stream_low(ops, x, loud, ops.reshape(tone, hops, c.hop_frames), hops)
        noise = self.stream_noise(ops, hops) if noise is None else noise
        tone = ops.reshape(tone, rows, c.row_frames)
        audio = self._stream_hiss(
            ops, x, ops.scale_rows(noise, loud, hops, c.rows_per_hop), tone, hops
        )
        if self.edges is not None:
            audio = self.edges.stream(ops, audio, x, hops, c.rows_per_hop)
        return ops.flatten(audio, hops * c.hop_frames)

    def _stream_hiss(self, ops: Ops, x: Value, noise: Value, tone: Value, hops: int) -> Value:
        """Return the tone with the noise of the rows, `[hops * rows_per_hop, row_frames]`."""
        c = self.config
        rows = hops * c.rows_per_hop
        gain = ops.softplus(self.gains.stream(ops, "gains", x, hops))
        gain = ops.reshape(gain, rows, c.noise_channels)
        noise = ops.mul(noise, gain)
        last = CausalConv(c.noise_channels, c.row_frames, c.synthesis_taps, bias=False)
        last.weight.data = self.synthesis.weight.data * NOISE_UNIT
        return last.stream(ops, "synthesis", noise, rows, plus=tone)

    def _stream_low(self, ops: Ops, x: Value, loud: Value, tone: Value, hops: int) -> Value:
        """Return the tone with the noise of the low bands, `[hops, hop_frames]`."""
        hop = self.config.hop_frames
        gain = ops.softplus(self.low_gains.stream(ops, "low_gains", x, hops))
        table = self.low_table.reshape(-1, 1, LOW_BANDS)
        noise = ops.mul(ops.noise("low_noise", hops, table), gain)
        last = CausalConv(LOW_BANDS, hop, LOW_TAPS, bias=False)
        last.weight.data = self.low_synthesis.weight.data * NOISE_UNIT
        return last.stream(ops, "low", ops.scale_rows(noise, loud, hops, 1), hops, plus=tone)

    def _stream_tone(self, ops: Ops, latent: Value, curve: Value, hops: int) -> Value:
        """Return the sines, `[hops * hop_frames, 1]`."""
        hop = self.config.hop_frames
        pick = torch.zeros(self.config.latents, 1)
        pick[self.pitch_at, 0] = float(CENTS_PER_OCTAVE)
        cents = ops.gemm(latent, pick, torch.tensor([_CENTS_AT_REFERENCE]))
        step = ops.lookup(self.steps, ops.clip(cents, 0.0, float(len(self.steps) - 1)))
        # Phase at the end of each hop, exact: every number here is a whole 2^-17th of a turn.
        begin = ops.state("phase", 1, 1)
        until = torch.ones(hops, hops + 1).tril(1)
        turns = ops.mix_rows(until, ops.concat([begin, step], 0), torch.zeros(1))
        ends = ops.fraction(turns)
        ops.carry("phase", ends, hops)
        inside = torch.zeros(hops * hop, 2 * hops + 1)
        for frame in range(hops * hop):
            inside[frame, frame // hop] = 1.0
            inside[frame, hops + 1 + frame // hop] = (frame % hop + 1) / hop
        marks = ops.concat([begin, ends, step], 0)
        phase = ops.fraction(ops.mix_rows(inside, marks, torch.zeros(1)))
        multiple = torch.arange(1, self.harmonics + 1, dtype=torch.float32)[None]
        sines = ops.sine_of_turns(ops.fraction(ops.gemm(phase, multiple)))
        heights = ops.concat(
            [ops.state("heights", 1, self.harmonics), self._stream_heights(ops, step, curve, hops)],
            0,
        )
        ops.carry("heights", heights, 1 + hops)
        ramp = torch.zeros(hops * hop, hops + 1)
        for frame in range(hops * hop):
            share = (frame % hop + 1) / hop
            ramp[frame, frame // hop] = 1.0 - share
            ramp[frame, frame // hop + 1] = share
        smooth = ops.mix_rows(ramp, heights, torch.zeros(1))
        return ops.gemm(ops.mul(sines, smooth), torch.ones(self.harmonics, 1))

    def _stream_heights(self, ops: Ops, step: Value, curve: Value, hops: int) -> Value:
        """Read the curve at each multiple: `[hops, harmonics]`."""
        rate = self.config.sample_rate_hz / self.config.hop_frames
        multiple = torch.arange(1, self.harmonics + 1, dtype=torch.float32)[None]
        one = torch.ones(self.harmonics)
        warped = ops.log(ops.gemm(step, multiple * (rate / 700.0), one))
        places = ops.reshape(warped, hops * self.harmonics, 1)
        points = torch.arange(CURVE_POINTS, dtype=torch.float32)
        spread = torch.full((1, CURVE_POINTS), self._points_per_neper)
        share = ops.tent(ops.gemm(places, spread, -points))
        taken = ops.scale_rows(share, curve, hops, self.harmonics)
        heights = ops.reshape(ops.gemm(taken, torch.ones(CURVE_POINTS, 1)), hops, self.harmonics)
        top = torch.full((self.harmonics,), self._top_hz / self._fade_hz)
        audible = ops.gemm(step, -multiple * (rate / self._fade_hz), top)
        return ops.mul(heights, ops.clip(audible, 0.0, 1.0))


_CENTS_AT_REFERENCE = CENTS_PER_OCTAVE * math.log2(REFERENCE_HZ / LOWEST_HZ)


def _low_bands(hop: int, rate: int) -> Tensor:
    """Return where the long filters start: windowed cosines on a mel scale, in hop rows."""
    frames = hop * LOW_TAPS
    mel = np.linspace(math.log1p(30 / 700), math.log1p(LOW_TOP_HZ / 700), LOW_BANDS)
    hz = 700 * np.expm1(mel)[:, None]
    time = np.arange(frames)[None] / rate
    wave = np.hanning(frames) * np.cos(2 * np.pi * (hz * time + hz * 0.37))
    # Tap 0 is the oldest hop of noise, which sounds in the last part of its filter.
    rows = LOW_HEIGHT * wave.reshape(LOW_BANDS, LOW_TAPS, hop)[:, ::-1]
    return torch.from_numpy(rows.transpose(2, 0, 1).astype(np.float32).copy())


def step_table(hop_frames: int, sample_rate_hz: int) -> NDArray[np.float32]:
    """Return turns per hop for each cent above LOWEST_HZ, in whole 2^-17ths: exact in float32."""
    cents = np.arange(int(CENTS_PER_OCTAVE * math.log2(HIGHEST_HZ / LOWEST_HZ)) + 1)
    hz = LOWEST_HZ * 2.0 ** (cents / CENTS_PER_OCTAVE)
    turns = np.round(hz * hop_frames / sample_rate_hz * TURN_PARTS) / TURN_PARTS
    return turns.astype(np.float32)


def _cents(octaves: Tensor) -> Tensor:
    top = int(CENTS_PER_OCTAVE * math.log2(HIGHEST_HZ / LOWEST_HZ))
    return (octaves * CENTS_PER_OCTAVE + _CENTS_AT_REFERENCE).clamp(0.0, top)


def _waves(phase: Tensor, harmonics: int) -> tuple[Tensor, Tensor]:
    """Return what sums of sines of multiples of phases in turns, `[N, 1, hop]`, are made of.

    Every multiple 1 to `harmonics` is a multiple of FINE and a small one, and sin(a + b) is
    cos(a) sin(b) + sin(a) cos(b). The result is sines, then cosines, of small multiples,
    `[N, FINE, 2 * hop]`, and cosines and sines of large ones, `[N, harmonics / FINE, 2, hop]`.
    """
    steps = torch.arange(1, FINE + 1, device=phase.device)[:, None]
    small = 2 * math.pi * _fraction(phase * steps)
    leaps = torch.arange(0, harmonics, FINE, device=phase.device)[:, None]
    large = 2 * math.pi * _fraction(phase * leaps)
    return (
        torch.cat([torch.sin(small), torch.cos(small)], 2),
        torch.stack([torch.cos(large), torch.sin(large)], 2),
    )


def _exact_sum(step: Tensor) -> Tensor:
    """Return the running sum of steps along hops, exact, less its whole turns."""
    return _fraction(torch.cumsum(step.double(), 1)).to(step)


def _fraction(x: Tensor) -> Tensor:
    return x - torch.floor(x)
