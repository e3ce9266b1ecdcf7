"""Prior: latents from nothing, as the model learned that they go. One row each hop.

A walk among the places where the training set is often found, by how often one followed another:

    every grid_hops   s' drawn from transitions[s]; A, N, g are those of `stay` if s' is s, of `go`
                      if not
                      x' = means[s'] + A (x - means[s']) + g[s'] * (N e)
    every hop         place: on a straight line from x to x'
                      out = mean + spread * (place + grain - mean)

From where it is, x, it is drawn to the middle of one place after the other, by a vector
autoregression of first order (e is white noise), one for staying, which keeps notes steady, and one
for going on. What moves faster than the grid, which in some
models is the waveform itself, is grains of what was heard at the place: half a motif long, each
begun where it goes on best from the one before (as in WSOLA: Verhelst and Roelands, ICASSP 1993),
faded into each other. training/wandering.py measures all of it.
"""

import numpy as np

from rtvae.model.space import Floats, Space

MAX_PACE = 4.0
REACH = 1.5  # no latent goes further than this, in its half range from the middle
CANDIDATES = 8  # beginnings that are tried for a grain


class Prior:
    """A walk through one model's space, seeded: the same calls after `reset`, the same rows.

    Use: one for each voice; `reset` wherever what is played must not depend on what was before;
    `step` once for each hop that is to be generated (or `fill` for some rows). It runs on whether
    or not its rows are used; leave it alone and it waits where it was.
    """

    def __init__(self, space: Space, seed: int = 0) -> None:
        walk, n = space.walk, space.latents
        self._walk = walk
        self._mean = space.mean
        half, middle = (space.most - space.least) / 2, (space.most + space.least) / 2
        self._low, self._high = middle - REACH * half, middle + REACH * half
        self._odds = np.cumsum(walk.transitions, axis=1, dtype=np.float64)
        self._random = np.random.Generator(np.random.PCG64(seed))
        self._begin = self._random.bit_generator.state
        self._first = int(np.argmax(_stationary(walk.transitions)))
        self._noise, self._last, self._next, self._spare = np.zeros((4, n), np.float32)
        # A grain rises for `half` hops and falls for as many; two of them always sound.
        self._half = walk.motifs.shape[1] // 4
        rising = np.sin(0.5 * np.pi * (np.arange(self._half) + 0.5) / self._half) ** 2
        self._rise: list[float] = rising.tolist()
        # How strong the first half of each grain is, by motif and beginning.
        strength = np.cumsum(np.sum(np.square(walk.motifs, dtype=np.float64), axis=2), axis=1)
        strength = np.pad(strength, ((0, 0), (1, 0)))
        begins = np.arange(2 * self._half + 1)
        self._loud: list[list[float]] = np.sqrt(
            strength[:, begins + self._half] - strength[:, begins] + 1e-12
        ).tolist()
        self._fading, self._rising = (0, 0), (0, 0)  # of which motif, from which of its hops on
        self._in_grain = 0
        self._state = self._coming = self._first
        self._at = 0.0
        self.reset()

    @property
    def state(self) -> int:
        """The place that it is nearest to, by number."""
        return self._coming if self._at >= 0.5 else self._state

    def reset(self) -> None:
        """Begin anew, with the same noise. Real-time safe, but not meant for every block."""
        self._random.bit_generator.state = self._begin
        self._state = self._coming = self._first
        self._last[:] = self._walk.state_means[self._first]
        self._next[:] = self._last
        self._at = 0.0
        self._go_on()
        self._fading = self._rising = (self._state, 0)
        self._in_grain = 0

    def step(self, out: Floats, pace: float = 1.0, spread: float = 1.0) -> None:
        """Fill `out`, float32 `(latents,)` contiguous, with the next hop's latents.

        `pace`, 0 to 4, is how fast it goes from place to place: 1 as in the training set, 0 stays
        where it is (what moves faster than from place to place goes on, for in some models that
        is the sound itself). `spread`, 0 to 2, is how far the latents go from the mean. A value
        that is no number counts as 1.
        Real-time: no allocation that stays; some fifteen NumPy calls, now and then thirty.
        """
        pace = min(max(pace, 0.0), MAX_PACE) if pace == pace else 1.0
        spread = min(max(spread, 0.0), MAX_PACE) if spread == spread else 1.0
        self._at += pace / self._walk.grid_hops
        while self._at >= 1.0:
            self._at -= 1.0
            self._go_on()
        np.subtract(self._next, self._last, out=out)
        out *= self._at
        out += self._last
        self._add_grains(out)
        out -= self._mean
        out *= spread
        out += self._mean
        np.maximum(out, self._low, out=out)
        np.minimum(out, self._high, out=out)

    def fill(self, out: Floats, pace: float = 1.0, spread: float = 1.0) -> None:
        """Fill the rows of `out`, float32 `(rows, latents)`: `step` for each of them."""
        for row in out:
            self.step(row, pace, spread)

    def _go_on(self) -> None:
        """Go to the next place, and choose the one after it."""
        walk = self._walk
        self._state = self._coming
        self._last[:] = self._next
        odds = self._odds[self._state]
        drawn = int(odds.searchsorted(self._random.random(), side="right"))
        coming = self._coming = min(drawn, odds.shape[0] - 1)
        if coming == self._state:
            matrix, root, gains = walk.stay, walk.stay_noise, walk.stay_gains
        else:
            matrix, root, gains = walk.go, walk.go_noise, walk.go_gains
        self._random.standard_normal(dtype=np.float32, out=self._noise)
        np.dot(root, self._noise, out=self._spare)
        self._spare *= gains[coming]
        np.subtract(self._last, walk.state_means[coming], out=self._noise)
        np.dot(matrix, self._noise, out=self._next)
        self._next += self._spare
        self._next += walk.state_means[coming]
        # A file with numbers that grow without end still gives numbers that do not.
        np.maximum(self._next, self._low, out=self._next)
        np.minimum(self._next, self._high, out=self._next)

    def _add_grains(self, out: Floats) -> None:
        if self._in_grain == self._half:
            self._fading = (self._rising[0], self._rising[1] + self._half)
            self._rising = self._next_grain(*self._fading)
            self._in_grain = 0
        at, share = self._in_grain, self._rise[self._in_grain]
        for (motif, begin), gain in ((self._fading, 1.0 - share), (self._rising, share)):
            np.multiply(self._walk.motifs[motif, begin + at], gain, out=self._spare)
            out += self._spare
        self._in_grain += 1

    def _next_grain(self, motif: int, fades_from: int) -> tuple[int, int]:
        """Return the place's motif, and where in it the sound goes on best from what fades."""
        half, new = self._half, self.state
        fading = self._walk.motifs[motif, fades_from : fades_from + half].reshape(-1)
        best, likeness = 0, -np.inf
        for begin in self._random.integers(0, 2 * half + 1, CANDIDATES).tolist():
            if new == motif and begin == fades_from:
                continue  # it would go on for ever without a choice
            other = self._walk.motifs[new, begin : begin + half].reshape(-1)
            found = float(np.dot(fading, other)) / self._loud[new][begin]
            if found > likeness:
                best, likeness = begin, found
        return new, best


def _stationary(transitions: Floats) -> Floats:
    """Return how often each state is met in the long run."""
    share = np.full(transitions.shape[0], 1.0 / transitions.shape[0])
    for _ in range(200):
        share = 0.5 * (share + share @ transitions)
    return share.astype(np.float32)
