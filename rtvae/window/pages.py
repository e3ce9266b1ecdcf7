"""Sixteen latents at a time: which knobs a page holds and what its button says."""

from rtvae.window.text import DASH

PAGE = 16


def page_count(latents: int) -> int:
    """Return how many pages there are; one, even if it is empty."""
    return max(1, -(-latents // PAGE))


def page_range(page: int, latents: int) -> range:
    """Return the latents (from 0) on a page (from 0)."""
    return range(page * PAGE, min((page + 1) * PAGE, latents))


def page_title(page: int, latents: int) -> str:
    """Return a page's name as players count: "17", dash, "32"."""
    numbers = page_range(page, latents)
    return f"{numbers.start + 1}{DASH}{numbers.stop}"
