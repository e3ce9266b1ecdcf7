"""Sixteen knobs a page."""

import pytest

from rtvae.window.pages import page_count, page_range, page_title


@pytest.mark.parametrize(("latents", "pages"), [(0, 1), (1, 1), (16, 1), (17, 2), (128, 8)])
def test_the_pages_hold_every_latent_once(latents: int, pages: int) -> None:
    assert page_count(latents) == pages
    shown = [k for page in range(pages) for k in page_range(page, latents)]
    assert shown == list(range(latents))


def test_pages_are_named_as_players_count() -> None:
    assert page_title(1, 20) == "17\u201320"
