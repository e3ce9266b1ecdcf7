"""The tool that measures the window leaves nothing of it out, and marks what is too dear."""

import pytest

from rtvae.window.desk import VIEWS
from rtvae.window.panels import TABS
from window_cost import LARGEST_SHARE, LEAST_FRAMES, Cost, _exceeds, states


def test_every_view_and_page_and_performance_mode_are_measured() -> None:
    shown = [state.shows for state in states()]
    alone = {tuple(shows["views"]) for shows in shown if len(shows["views"]) == 1}
    assert alone == {(kind.name,) for kind in VIEWS}
    assert {tab.name for tab, _ in TABS[1:]} == {s["tab"] for s in shown if s.get("tab")}
    assert any(shows.get("performing") for shows in shown)
    assert any(shows.get("look") == "light" for shows in shown)
    assert len({state.name for state in states()}) == len(shown)


@pytest.mark.parametrize(
    ("frames_per_s", "share", "dear"),
    [
        (30.0, LARGEST_SHARE - 0.01, False),
        (30.0, LARGEST_SHARE + 0.01, True),
        (LEAST_FRAMES - 0.1, 0.1, True),
        (None, None, False),
    ],
)
def test_what_is_marked(frames_per_s: float | None, share: float | None, dear: bool) -> None:
    assert _exceeds(Cost("x", frames_per_s, share, 0, 1)) is dear
