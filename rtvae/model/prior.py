"""Prior: latents from nothing, as the model learned that they go. One row each hop.

A walk among the places where the training set is often found, by how often one followed another:

    every grid_hops   s' drawn from transitions[s];  r' = slow r + gains[s'] * (slow_noise e)
                      the next place is means[s'] + r'
    every hop         place: on a straight line from the last to the next
                      f' = fast[s] f + fast_noise[s] e          what moves too fast for the grid
                      out = mean + spread * (place + f' - mean)

A vector autoregression of first order around k-means states: each term has the covariance of the
training set by construction (see training/wandering.py, which measures it). `e` is white noise.
"""

import numpy as np

from rtvae.model.space import Floats, Space

MAX_PACE = 4.0
REACH = 1.5  # no latent goes further than this, in its half range from the middle


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
        half = (space.most - space.least) / 2
        self._low = (space.least + space.most) / 2 - REACH * half
        self._high = (space.least + space.most) / 2 + REACH * half
        self._swing = 2 * REACH * half
        self._odds = np.cumsum(walk.transitions, axis=1, dtype=np.float64)
        self._random = np.random.Generator(np.random.PCG64(seed))
        self._begin = self._random.bit_generator.state
        self._first = int(np.argmax(_stationary(walk.transitions)))
        self._noise = np.zeros(n, np.float32)
        self._slow = np.zeros(n, np.float32)
        self._fast = np.zeros(n, np.float32)
        self._last = np.zeros(n, np.float32)
        self._next = np.zeros(n, np.float32)
        self._spare = np.zeros(n, np.float32)
        self._state = self._coming = self._first
        self._at = 0.0
        self.reset()

    @property
    def state(self) -> int:
        """The place it is nearest to, by number."""
        return self._coming if self._at >= 0.5 else self._state

    def reset(self) -> None:
        """Begin anew, with the same noise. Real-time safe, but not meant for every block."""
        self._random.bit_generator.state = self._begin
        self._slow.fill(0.0)
        self._fast.fill(0.0)
        self._state = self._coming = self._first
        self._last[:] = self._walk.state_means[self._first]
        self._next[:] = self._last
        self._at = 0.0
        self._go_on()

    def step(self, out: Floats, pace: float = 1.0, spread: float = 1.0) -> None:
        """Fill `out`, float32 `(latents,)` contiguous, with the next hop's latents.

        `pace`, 0 to 4, is how fast it goes from place to place: 1 as in the training set, 0 stays
        where it is (what moves within a place from hop to hop, which in some models is the sound
        itself, goes on). `spread`, 0 to 2, is how far the latents go from the mean. A value that
        is no number counts as 1.
        Real-time: no allocation that stays; some fifteen NumPy calls, two products n x n.
        """
        pace = min(max(pace, 0.0), MAX_PACE) if pace == pace else 1.0
        spread = spread if spread == spread else 1.0
        self._at += pace / self._walk.grid_hops
        while self._at >= 1.0:
            self._at -= 1.0
            self._go_on()
        np.subtract(self._next, self._last, out=out)
        out *= self._at
        out += self._last
        self._flicker(self.state)
        out += self._fast
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
        self._coming = min(drawn, odds.shape[0] - 1)
        self._random.standard_normal(dtype=np.float32, out=self._noise)
        np.dot(walk.slow_noise, self._noise, out=self._spare)
        self._spare *= walk.state_gains[self._coming]
        np.dot(walk.slow, self._slow, out=self._next)
        np.add(self._next, self._spare, out=self._slow)
        self._bound(self._slow)
        np.add(self._slow, walk.state_means[self._coming], out=self._next)

    def _flicker(self, state: int) -> None:
        walk = self._walk
        self._random.standard_normal(dtype=np.float32, out=self._noise)
        np.dot(walk.fast[state], self._fast, out=self._spare)
        np.dot(walk.fast_noise[state], self._noise, out=self._fast)
        self._fast += self._spare
        self._bound(self._fast)

    def _bound(self, values: Floats) -> None:
        # A file with numbers that grow without end still gives numbers that do not.
        np.minimum(values, self._swing, out=values)
        np.negative(values, out=values)
        np.minimum(values, self._swing, out=values)
        np.negative(values, out=values)


def _stationary(transitions: Floats) -> Floats:
    """Return how often each state is met in the long run."""
    share = np.full(transitions.shape[0], 1.0 / transitions.shape[0])
    for _ in range(200):
        share = 0.5 * (share + share @ transitions)
    return share.astype(np.float32)
