"""Places: where a session finds models, presets and set lists by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rtvae.control.presets import Preset
from rtvae.control.set_list import SetList
from rtvae.errors import PresetError
from rtvae.host.model_choice import Chosen, choose
from rtvae.host.preset_files import (
    Entry,
    find_preset,
    find_set_list,
    list_presets,
    list_set_lists,
    load_preset,
    load_set_list,
)


@dataclass(frozen=True)
class Places:
    """Where models, our presets and the player's own lie."""

    models: Path
    presets: Path
    own: Sequence[Path]

    def preset(self, name: str) -> Preset:
        """Return a preset by name. Raises PresetError."""
        return load_preset(find_preset(name, self.presets, self.own))

    def lineup(self, preset: Preset) -> tuple[Chosen, Chosen | None] | None:
        """Return the models of a preset, None if it names none. Raises PresetError."""
        if preset.model is None:
            return None
        second = choose(preset.beside, self.models) if preset.beside is not None else None
        return choose(preset.model, self.models), second

    def show(self, name: str) -> SetList:
        """Return a set list whose presets and models are all there. Raises PresetError."""
        show = load_set_list(find_set_list(name, self.presets, self.own))
        for k, entry in enumerate(show.entries, 1):
            try:
                self.lineup(self.preset(entry.preset))
            except PresetError as error:
                raise PresetError(
                    f"Set list {show.name} cannot be used, because of entry {k}: {error}"
                ) from error
        return show

    def preset_names(self) -> list[str]:
        """Return what presets there are."""
        return [entry.name for entry in list_presets(self.presets, self.own)]

    def show_names(self) -> list[str]:
        """Return what set lists there are."""
        return [entry.name for entry in list_set_lists(self.presets, self.own)]


@dataclass(frozen=True)
class Looked:
    """A preset or set list that was looked at: what it is about, or why it cannot be used."""

    name: str
    kind: str
    path: Path
    own: bool
    about: str = ""
    fault: str = ""

    def facts(self) -> dict[str, object]:
        """Return all of it for programs."""
        return {
            "name": self.name,
            "kind": self.kind,
            "path": str(self.path),
            "own": self.own,
            "about": self.about or None,
            "fault": self.fault or None,
        }


def survey(places: Places) -> list[Looked]:
    """Return every preset and set list there is, each of them checked."""
    kinds: tuple[tuple[str, list[Entry], Callable[[str], str]], ...] = (
        ("preset", list_presets(places.presets, places.own), lambda name: _about(places, name)),
        ("set list", list_set_lists(places.presets, places.own), lambda name: _in(places, name)),
    )
    found = []
    for kind, entries, look in kinds:
        for entry in entries:
            looked = Looked(entry.name, kind, entry.path, entry.own)
            try:
                stands = "your own, in place of ours; " if entry.hides else ""
                found.append(replace(looked, about=stands + look(entry.name)))
            except PresetError as error:
                found.append(replace(looked, fault=str(error)))
    return found


def _about(places: Places, name: str) -> str:
    preset = places.preset(name)
    lineup = places.lineup(preset)
    chosen = [one for one in lineup or () if one is not None]
    models = " and ".join(one.path.name.removesuffix(".zip") for one in chosen) or "any model"
    moving = sum(name.startswith("mod.") and name.endswith(".kind") for name, _ in preset.settings)
    parts = [
        models,
        f"{moving} modulators" if moving else "",
        f"{len(preset.snapshots)} snapshots" if preset.snapshots else "",
        f"{len(preset.midi)} mappings" if preset.midi else "",
        *(one.said for one in chosen),
    ]
    return ", ".join(part for part in parts if part)


def _in(places: Places, name: str) -> str:
    return ", ".join(entry.preset for entry in places.show(name).entries)
