"""Knob map: from the latents that were played to those of another model. Pure.

A knob that is pitch, loudness or brightness in both models moves that one; any other moves the one
of its own number, unless that place is taken. What has no counterpart moves nothing.
"""

from collections.abc import Mapping, Sequence

from rtvae.control.parameters import latent_of


def map_latents(played: Sequence[str], other: Sequence[str]) -> dict[int, int]:
    """Return places in the other model by place in the played one, both from 0.

    Both are given as the latents' attributes, "" where one has none.
    """
    by_attribute = {
        k: other.index(attribute)
        for k, attribute in enumerate(played)
        if attribute and attribute in other and played.index(attribute) == k
    }
    taken = set(by_attribute.values())
    by_number = {
        k: k
        for k in range(min(len(played), len(other)))
        if k not in by_attribute and k not in taken
    }
    return by_number | by_attribute


def map_parameters(latents: Mapping[int, int], played: int, index: int) -> int | None:
    """Return the place in the parameter table for the place of a played one; None is nowhere.

    `played` is how many latents the played model had; `latents` is what `map_latents` gave.
    """
    latent = latent_of(index)
    if latent is None:
        return index
    if latent >= played or latent not in latents:
        return None
    return index - latent + latents[latent]


def describe_map(latents: Mapping[int, int], played: Sequence[str], other: Sequence[str]) -> str:
    """Return the map in one line; `played` and `other` are the latents' attributes."""
    moved = [
        f"{played[k]} ({k + 1} to {latents[k] + 1})"
        for k in sorted(latents)
        if played[k] and played[k] == other[latents[k]]
    ]
    numbers = len(latents) - len(moved)
    lost = len(played) - len(latents)
    parts = []
    if moved:
        parts.append(f"by what they are: {', '.join(moved)}")
    if numbers:
        parts.append(f"by number: {numbers}")
    if lost:
        parts.append(f"without a counterpart: {lost}")
    return f"Knobs {'; '.join(parts)}." if parts else "There are no knobs to carry over."
