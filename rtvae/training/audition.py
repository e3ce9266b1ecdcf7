"""While a run is still learning: its newest export lies in RUN/model, to be played."""

import re
from collections.abc import Callable
from pathlib import Path

from rtvae.errors import RtvaeError
from rtvae.model.library import RUN_MODEL
from rtvae.training.data import Recordings
from rtvae.training.export import Label, export_model

SURVEY_MINUTES = 4.0
"""Training waits meanwhile: enough for a first map."""


def make_audition(
    run: Path, recordings: Recordings, say: Callable[[str], None]
) -> Callable[[], None]:
    """Return what exports the best weights of `run` so far to `run`/model.

    Training goes on whatever becomes of it: a refusal is said in one line.
    """
    name = run.resolve().name
    label = Label(
        name=re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:64] or "model",
        title=f"{name}, in training",
        licence="unstated",
        description="The newest export of a run that is being trained.",
    )

    def audition() -> None:
        try:
            export_model(
                run,
                run / RUN_MODEL,
                label,
                recordings,
                lambda _: None,
                replace_existing=True,
                survey_minutes=SURVEY_MINUTES,
            )
        except (RtvaeError, OSError) as error:
            say(f"not exported this time: {error}")
        else:
            say(f"exported for playing: rtvae play {run}")

    return audition
