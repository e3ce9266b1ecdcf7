"""Where a session stands: its whole state as a preset, and the place in the show. Pure.

Values are kept as they were set, not as the control block rounds them: what is saved reads as it
was written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rtvae.control.parameters import PARAMETER_COUNT, name_of, parameter_at
from rtvae.control.presets import ModelName, Preset, settings_of
from rtvae.control.set_list import SetList

Lineup = tuple[str, str | None]
"""The paths of the model that plays and of the one beside it."""

Named = tuple[ModelName | None, ModelName | None]


@dataclass(frozen=True)
class Standing:
    """A state: all of it as `preset`, under the name of the preset that it began as.

    `loaded` is that preset as it was when it came; `place` counts from 0 in the set list;
    `lineup` is where the models lie, None where that is still to be found out.
    """

    preset: Preset
    loaded: Preset
    show: SetList | None = None
    place: int | None = None
    lineup: Lineup | None = None

    @property
    def dirty(self) -> bool:
        """Whether anything has changed since the preset came or was saved."""
        return self.preset != self.loaded


def at_rest() -> dict[str, float]:
    """Return every parameter's value at rest."""
    return {name_of(k): parameter_at(k).default for k in range(PARAMETER_COUNT)}


def capture(base: Preset, values: Mapping[str, float], models: Named) -> Preset:
    """Return `base` with these values and models in place of its own."""
    model, beside = models
    return replace(base, settings=settings_of(values), model=model, beside=beside)


def what_changed(before: Preset, after: Preset) -> str:
    """Return in a few words what was changed besides values, "" for nothing."""
    if (before.model, before.beside) != (after.model, after.beside):
        models = [model.name for model in (after.model, after.beside) if model is not None]
        return f"model {' and '.join(models)}"
    if before.midi != after.midi:
        return "MIDI mapping"
    kept = (before.snapshots, before.corners)
    return "snapshots" if kept != (after.snapshots, after.corners) else ""


def describe(standing: Standing) -> str:
    """Return what has come, in one sentence for the player."""
    sentence = f"Preset {standing.preset.name}"
    show, place = standing.show, standing.place
    if show is None or place is None:
        return f"{sentence}."
    note = show.entries[place].note
    sentence = f"{sentence}, {place + 1} of {len(show.entries)} in {show.name}"
    return f"{sentence}: {note}" if note else f"{sentence}."


def idle_settings(preset: Preset, missing: Sequence[str], latents: int, model: str) -> list[str]:
    """Say what of a preset a model has nothing for."""
    if missing:
        return [f"Model {model} has nothing for {', '.join(missing)} of preset {preset.name}."]
    if preset.highest_latent > latents:
        return [
            f"Preset {preset.name} speaks of {preset.highest_latent} latents and model {model} has "
            f"{latents}; the others do nothing."
        ]
    return []
