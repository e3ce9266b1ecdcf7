"""Shows: presets and set lists in a playing session, undo and redo.

    preset -> models are found, values worked out -> all at once, if the models stay
                                                  -> a scene, if they change: values come with them

Nothing changes before all of it is known to be right. What comes next in the show, and what came
before, is had ready in the engine.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rtvae.control.set_list import SetList
from rtvae.errors import PresetError, RtvaeError
from rtvae.host.autosave import Autosave
from rtvae.host.ledger import Ledger
from rtvae.host.model_choice import attributes_of
from rtvae.host.notes import Level, Note
from rtvae.host.part import Backstage, Deed
from rtvae.host.places import Places
from rtvae.host.preset_files import save_own
from rtvae.host.requests import change, prepare
from rtvae.host.standing import Lineup, Standing, describe, idle_settings

LIST_S = 5.0
LOOK_S = 0.05


@dataclass(frozen=True)
class Coming:
    """A state on its way: `values` to set, what to say, and what to call it when it is undone."""

    to: Standing
    lineup: Lineup
    values: Mapping[str, float]
    said: tuple[str, ...]
    text: str
    exactly: bool


class Shows:
    """The part of a session that knows its presets.

    `begin` is where it stands at the start, `values` what was set of it, and `restored` says that
    an earlier session left it.
    """

    def __init__(
        self,
        backstage: Backstage,
        places: Places,
        begin: Standing,
        values: Mapping[str, float],
        *,
        restored: bool = False,
        autosave: Callable[[Callable[[Note], object]], Autosave] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stage, self._places = backstage, places
        saver = autosave(backstage.note) if autosave is not None else None
        if saver is not None:
            saver.open()
        self._ledger = Ledger(backstage, begin, values, saver, clock)
        self._restored = restored
        self._target = begin
        self._coming: dict[int, Coming] = {}
        self._scene = 0
        self._begun = False
        self._names: tuple[list[str], list[str]] = ([], [])
        self._listed_s = self._looked_s = float("-inf")

    def deeds(self) -> Mapping[str, Deed]:
        """Return what it does, by name."""
        return {
            "preset.load": self._load,
            "preset.save": self._save,
            "preset.next": lambda arguments: self._go(1),
            "preset.previous": lambda arguments: self._go(-1),
            "set_list.load": self._load_set_list,
            "undo": lambda arguments: self._undo(),
            "redo": lambda arguments: self._redo(),
        }

    def info(self) -> Mapping[str, Any]:
        """Return what the window is shown."""
        standing, history = self._ledger.standing, self._ledger.history
        return {
            "preset": standing.preset.name,
            "show": {
                "preset": standing.preset.name,
                "presets": self._names[0],
                "set_list": standing.show.called if standing.show is not None else "",
                "set_lists": self._names[1],
                "place": standing.place,
                "next": _following(standing),
                "undo": history.undo_text,
                "redo": history.redo_text,
                "dirty": standing.dirty,
                "restored": self._restored,
            },
        }

    def step(self, now_s: float) -> None:
        """Take up what was turned, what the engine has begun to play, and what else changed."""
        self._ledger.take_moves()
        engine = self._stage.engine()
        if engine is None:
            return
        if not self._begun:
            self._begin(_lineup_of(engine.start))
        for number, plays in engine.requests.scenes():
            self._settle(number, plays)
        if now_s - self._looked_s >= LOOK_S:
            self._looked_s = now_s
            self._ledger.look(_lineup_of(engine.start), waits=bool(self._coming))
            if not self._coming:
                self._target = self._ledger.standing
        if now_s - self._listed_s >= LIST_S:
            self._listed_s = now_s
            self._list()

    def close(self) -> None:
        """Nothing is left to be restored, but by a session that ends by an error.

        One that had nothing to restore and never sounded leaves nothing even then.
        """
        had_state = self._restored or bool(self._stage.facts())
        self._ledger.close(leave=had_state and self._stage.failed())

    def _begin(self, lineup: Lineup) -> None:
        """All parts are there: they take up what the session starts with."""
        self._begun = True
        for keeper in self._stage.keepers:
            keeper.recall(self._ledger.standing.preset)
        self._ledger.look(lineup, waits=False)
        self._prepare()

    def _load(self, arguments: Mapping[str, Any]) -> None:
        show = self._target.show
        if "number" not in arguments:
            name = str(arguments["name"])
            names = [entry.preset for entry in show.entries] if show is not None else []
            self._enter(name, show, names.index(name) if name in names else self._target.place)
            return
        # A program change: the preset of that number, from 1, in the show or of all.
        number = int(arguments["number"])
        if show is not None:
            names, there = [e.preset for e in show.entries], f"set list {show.name} has"
        else:
            names, there = self._places.preset_names(), "there are"
        if not 1 <= number <= len(names):
            raise PresetError(f"There is no preset number {number}: {there} {len(names)}.")
        self._enter(names[number - 1], show, number - 1 if show is not None else None)

    def _go(self, step: int) -> None:
        """To the next preset or the one before: of the show, or of all that there are."""
        show, place = self._target.show, self._target.place
        if show is None:
            names, name = self._places.preset_names(), self._target.preset.name
            at = names.index(name) + step if name in names else 0
            if not 0 <= at < len(names):
                raise PresetError(f"There is no preset {'after' if step > 0 else 'before'} {name}.")
            self._enter(names[at], None, None)
            return
        to = show.after(place) if step > 0 else show.before(place)
        if to is None:
            raise PresetError(f"Set list {show.name} has {'ended' if step > 0 else 'just begun'}.")
        # A preset that cannot be played is not in the way of the one behind it.
        self._move_to(show, to)
        self._enter(show.entries[to].preset, show, to)

    def _load_set_list(self, arguments: Mapping[str, Any]) -> None:
        name = str(arguments["name"])
        if not name:
            self._move_to(None, None)
            self._stage.ask(prepare([]))
            return
        show = self._places.show(name)
        self._enter(show.entries[0].preset, show, 0)

    def _move_to(self, show: SetList | None, place: int | None) -> None:
        self._ledger.catch_up()
        standing = replace(self._ledger.standing, show=show, place=place)
        self._ledger.stand(standing, standing.preset, standing.loaded)
        self._target = replace(self._target, show=show, place=place)

    def _enter(self, name: str, show: SetList | None, place: int | None) -> None:
        """Load a preset by name, at its place in the show."""
        preset = self._places.preset(name)
        if not preset.midi:
            preset = replace(preset, midi=self._ledger.keep(preset).midi)
        to = Standing(preset, preset, show, place)
        models = self._places.lineup(preset)
        attributes, said = None, [describe(to)]
        if models is not None:
            first, second = models
            path = str(second.path.resolve()) if second is not None else None
            to = replace(to, lineup=(str(first.path.resolve()), path))
            attributes = first.attributes
            said += [chosen.said for chosen in models if chosen is not None and chosen.said]
        self._change(to, said, attributes, f"preset {preset.name}")

    def _change(
        self, to: Standing, said: list[str], attributes: Sequence[str] | None, text: str
    ) -> None:
        """Go to a state. One that has no models of its own goes with those that are there."""
        engine = self._stage.engine()
        if engine is None:
            return
        now = _lineup_of(engine.start)
        lineup = to.lineup or (self._coming[max(self._coming)].lineup if self._coming else now)
        if attributes is None:
            attributes = attributes_of(Path(lineup[0]))
        values, missing = to.preset.values(attributes)
        if said:
            said += idle_settings(to.preset, missing, len(attributes), Path(lineup[0]).name)
        self._target = to = replace(to, lineup=lineup)
        coming = Coming(to, lineup, values, tuple(said), text, exactly=not text)
        if lineup == now and not self._coming and not engine.start["dry"]:
            self._arrive(coming, None)
            return
        self._scene += 1
        self._coming[self._scene] = coming
        self._stage.ask(change(lineup[0], lineup[1], values, self._scene))

    def _settle(self, number: int, plays: bool) -> None:
        """A scene has begun, or will not."""
        coming = self._coming.pop(number, None)
        if coming is None:
            return
        if plays:
            self._arrive(coming, number)
        elif not self._coming:
            self._target = self._ledger.standing
            self._say(f"Preset {coming.to.preset.name} was not loaded.", "warning")

    def _arrive(self, coming: Coming, scene: int | None) -> None:
        """The models of a state play: its values are the values now."""
        self._ledger.catch_up()
        self._stage.console.set(coming.values, "preset", scene)
        self._ledger.arrive(coming.to, coming.text, exactly=coming.exactly)
        if not self._coming:
            self._target = self._ledger.standing
        for sentence in coming.said:
            self._say(sentence)
        self._prepare()

    def _prepare(self) -> None:
        """Have the models ready of what comes next in the show, and of what came before."""
        standing = self._ledger.standing
        show, place = standing.show, standing.place
        if show is None:
            return
        lineups: list[Lineup] = []
        for to in (show.after(place), show.before(place)):
            try:
                preset = self._places.preset(show.entries[to].preset) if to is not None else None
                models = self._places.lineup(preset) if preset is not None else None
            except RtvaeError:
                continue  # it is told when it is wanted
            if models is not None:
                first, second = models
                path = str(second.path.resolve()) if second is not None else None
                lineups.append((str(first.path.resolve()), path))
        others = [lineup for lineup in dict.fromkeys(lineups) if lineup != standing.lineup]
        self._stage.ask(prepare(others))

    def _save(self, arguments: Mapping[str, Any]) -> None:
        name = str(arguments.get("name") or self._ledger.standing.preset.name)
        self._ledger.catch_up()
        preset = replace(self._ledger.standing.preset, name=name)
        path = save_own(preset, self._places.own)
        self._ledger.rename(preset)
        self._list()
        hides = (self._places.presets / path.name).is_file()
        also = "; it stands before the one that came with rtvae" if hides else ""
        self._say(f"Preset {name} is saved in {path.parent}{also}.")

    def _undo(self) -> None:
        edit = self._ledger.undone()
        if edit is not None:
            self._follow(edit.before, edit.whole_before)

    def _redo(self) -> None:
        edit = self._ledger.redone()
        if edit is not None:
            self._follow(edit.after, edit.whole_after)

    def _follow(self, values: Mapping[str, float], whole: Standing | None) -> None:
        if whole is not None:
            self._change(whole, [], None, "")
        else:
            self._stage.console.set(values, "preset")
            self._ledger.take_moves()

    def _list(self) -> None:
        self._names = self._places.preset_names(), self._places.show_names()

    def _say(self, sentence: str, level: Level = "info") -> None:
        self._stage.note(Note(sentence, level))


def _following(standing: Standing) -> str:
    """The preset that the show brings next, "" where it brings none."""
    show = standing.show
    to = show.after(standing.place) if show is not None else None
    return show.entries[to].preset if show is not None and to is not None else ""


def _lineup_of(start: Mapping[str, Any]) -> Lineup:
    return start["model"], start["blend"]
