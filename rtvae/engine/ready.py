"""Ready: voices made ahead, so that what the player will want next is there at once.

The host says which lineups come next; their models are loaded, warmed up and measured beside the
sound, and wait. What it no longer names is taken apart again, its models back to the shelf.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rtvae.engine.appraisal import Appraisal, models_of
from rtvae.engine.blend import Playable
from rtvae.engine.lineup import Lineup
from rtvae.engine.shelf import identify
from rtvae.model.live import LiveModel


@dataclass(frozen=True)
class Made:
    """A warm voice with its appraisal and what there is to say of it."""

    voice: Playable
    appraisal: Appraisal | None
    notices: list[str]


class Ready:
    """Keeps what `make` makes. For one thread, which is not the audio thread.

    `put_back` is given the models of a voice that nobody wants any more.
    """

    def __init__(
        self, make: Callable[[Lineup], Made], put_back: Callable[[LiveModel], None]
    ) -> None:
        self._make, self._put_back = make, put_back
        self._kept: dict[Lineup, tuple[str, Made]] = {}

    def keep_only(self, lineups: Iterable[Lineup]) -> list[Lineup]:
        """Let go of all but these; return those of them that have still to be made."""
        wanted = list(dict.fromkeys(lineups))
        for lineup in [kept for kept in self._kept if kept not in wanted]:
            self._let_go(self._kept.pop(lineup)[1])
        return [lineup for lineup in wanted if lineup not in self._kept]

    def make(self, lineup: Lineup) -> None:
        """Make a voice ahead. Raises what making raises."""
        self._kept[lineup] = _identity(lineup), self._make(lineup)

    def take(self, lineup: Lineup) -> Made:
        """Return the voice for a lineup: the one made ahead if it is still true, else a new one."""
        identity, made = self._kept.pop(lineup, ("", None))
        if made is not None and identity != _identity(lineup):
            self._let_go(made)
            made = None
        return made or self._make(lineup)

    def _let_go(self, made: Made) -> None:
        made.voice.close()
        if not made.voice.buffer_latency_frames:
            for model in models_of(made.voice):
                self._put_back(model)


def _identity(lineup: Lineup) -> str:
    paths = [path for path in (lineup.model, lineup.beside) if path is not None]
    return "".join(identify(path) for path in paths)
