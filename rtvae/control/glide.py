"""Glide: values on a straight way from where they are to where they go. Pure."""

from collections.abc import Mapping
from types import MappingProxyType


class Glide:
    """Goes from `begins` to `ends` within a length of time; values that stay are left alone."""

    def __init__(
        self,
        begins: Mapping[str, float] = MappingProxyType({}),
        ends: Mapping[str, float] = MappingProxyType({}),
        begun_s: float = 0.0,
        length_s: float = 0.0,
    ) -> None:
        self._way = {name: (begins[name], end) for name, end in ends.items() if begins[name] != end}
        self._begun_s, self._length_s = begun_s, length_s
        self.over = not self._way

    def at(self, now_s: float) -> dict[str, float]:
        """Return the values at a time; from the end on they are exactly the ends."""
        gone_s = max(0.0, now_s - self._begun_s)
        self.over = gone_s >= self._length_s
        share = 1.0 if self.over else gone_s / self._length_s
        return {
            name: end if self.over else begin + share * (end - begin)
            for name, (begin, end) in self._way.items()
        }
