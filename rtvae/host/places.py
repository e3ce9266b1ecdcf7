"""Places: where a session finds models, presets and set lists by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rtvae.control.presets import Preset
from rtvae.control.set_list import SetList
from rtvae.errors import PresetError
from rtvae.host.model_choice import Chosen, choose
from rtvae.host.preset_files import (
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
