"""The ledger: what was done in a session, where it stands now, and that it is written down.

Values are heard as they are set. What other parts hold (the mapping, snapshots) and which models
play is looked at now and then: whatever changed there is an edit too. All of it but `hear` is for
the session's own thread.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from rtvae.control.history import Edit, History
from rtvae.control.preset_tables import KEPT
from rtvae.control.presets import Preset
from rtvae.host.autosave import Autosave, Saved
from rtvae.host.model_choice import name_of
from rtvae.host.part import Backstage
from rtvae.host.standing import Lineup, Named, Standing, at_rest, capture, what_changed


class Ledger:
    """Knows where the session stands, from `begin` on; `autosave` writes it down."""

    def __init__(
        self,
        backstage: Backstage,
        begin: Standing,
        values: Mapping[str, float],
        autosave: Autosave | None,
        clock: Callable[[], float],
    ) -> None:
        self.standing = begin
        self.history: History[Standing] = History()
        self._stage, self._autosave, self._clock = backstage, autosave, clock
        self._values = {**at_rest(), **values}
        self._moves: deque[tuple[Mapping[str, float], str, float]] = deque()
        self._named: Named = (None, None)
        self._changed = False
        self._begun = False
        backstage.console.listen(self._hear)

    def _hear(self, values: Mapping[str, float], by: str) -> None:
        """Called on any thread."""
        self._moves.append((values, by, self._clock()))

    def take_moves(self) -> None:
        """Take up the values that were set since the last call."""
        while self._moves:
            values, by, at_s = self._moves.popleft()
            before = {name: self._values[name] for name in values}
            self._values.update(values)
            self._changed |= any(name == "mute" or name not in KEPT for name in values)
            self.history.turned(before, values, by, at_s)

    def look(self, lineup: Lineup, *, waits: bool) -> None:
        """Find out what others changed; not while something `waits` to come."""
        if lineup != self.standing.lineup or not self._begun:
            self._named = _name(lineup)
        before = self.standing
        model, beside = self._named
        now = replace(self.keep(before.preset), model=model, beside=beside)
        if not self._begun:
            self._begun = True
            state = self._state()
            same = before.loaded is before.preset
            self.stand(replace(before, lineup=lineup), state, state if same else before.loaded)
            return
        text = "" if waits else what_changed(before.preset, now)
        if not (self._changed or text or lineup != before.lineup):
            return
        self.stand(replace(before, lineup=lineup), self._state(), before.loaded)
        if text:
            # The state before it: what others hold as it was, the values as they are.
            was = replace(before.preset, settings=self.standing.preset.settings)
            self.history.did(text, replace(before, preset=was), self.standing)

    def arrive(self, to: Standing, text: str, *, exactly: bool) -> None:
        """A state has come and its values are set; `text` is what to call that, "" for no edit."""
        self.take_moves()
        before = self.standing
        for keeper in self._stage.keepers:
            keeper.recall(to.preset)
        if to.lineup is not None and to.lineup != before.lineup:
            self._named = _name(to.lineup)
        self.standing = to
        state = self._state()
        self.stand(to, state, to.loaded if exactly else state)
        if text:
            self.history.did(text, before, self.standing)

    def catch_up(self) -> None:
        """Bring the state up to the values, before something else takes their place."""
        self.take_moves()
        self.standing = replace(self.standing, preset=self._state())

    def rename(self, preset: Preset) -> None:
        """The state was saved as this preset."""
        self.stand(self.standing, preset, preset)

    def stand(self, standing: Standing, state: Preset, loaded: Preset) -> None:
        """Be there, and write it down."""
        self._changed = False
        self.standing = replace(standing, preset=state, loaded=loaded)
        if self._autosave is not None and standing.lineup is not None:
            self._autosave.keep(self._saved(standing.lineup))

    def keep(self, preset: Preset) -> Preset:
        """Return a preset with what the other parts hold."""
        for keeper in self._stage.keepers:
            preset = keeper.keep(preset)
        return preset

    def undone(self) -> Edit[Standing] | None:
        """Return what is to be taken back, None for nothing."""
        self.take_moves()
        return self.history.undo()

    def redone(self) -> Edit[Standing] | None:
        """Return what is to be done again, None for nothing."""
        self.take_moves()
        return self.history.redo()

    def close(self, *, leave: bool) -> None:
        """The session ends: `leave` its state to be restored, or nothing."""
        if self._autosave is not None and leave:
            self._autosave.leave()
        elif self._autosave is not None:
            self._autosave.end()

    def _state(self) -> Preset:
        return self.keep(capture(self.standing.preset, self._values, self._named))

    def _saved(self, lineup: Lineup) -> Saved:
        standing = self.standing
        return Saved(
            standing.preset,
            lineup[0],
            lineup[1] or "",
            standing.show.called if standing.show is not None else "",
            standing.place,
            muted=self._values["mute"] >= 0.5,
            dirty=standing.dirty,
        )


def _name(lineup: Lineup) -> Named:
    model, beside = lineup
    return name_of(Path(model)), name_of(Path(beside)) if beside is not None else None
