"""What a session begins with: what the player asks for, or what a crash has left.

--preset, --set-list, a model or --fresh    that; what was left by a crash waits
nothing of these                            what the newest session without a proper end has left,
                                            else the default preset; from file to file only this
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rtvae.control.presets import Preset
from rtvae.control.routes import Route
from rtvae.control.set_list import SetList
from rtvae.errors import ModelError, PresetError
from rtvae.host.autosave import Left, Saved, left_behind, read
from rtvae.host.notes import Note
from rtvae.host.places import Places
from rtvae.host.plan import PlayRequest
from rtvae.host.preset_files import DEFAULT_PRESET
from rtvae.host.standing import Standing, describe, idle_settings
from rtvae.model.admit import admit
from rtvae.model.library import DEFAULT_MODEL


@dataclass(frozen=True)
class Beginning:
    """Where a session stands at its start, its models, and what to say once it plays.

    `left` is the file of the session that is gone on with.
    """

    standing: Standing
    model: Path
    second: Path | None
    notes: tuple[Note, ...] = ()
    left: Left | None = None
    muted: bool = False

    def values(self, attributes: Sequence[str]) -> dict[str, float]:
        """Return every value to begin with, for a model with these attributes of its latents."""
        values, _ = self.standing.preset.values(attributes)
        return {**values, "mute": float(self.muted)}

    def about(self, attributes: Sequence[str], model: str) -> list[Note]:
        """Return what to say of it: for a model with these attributes, that is called so."""
        preset = self.standing.preset
        missing = preset.values(attributes)[1]
        idle = idle_settings(preset, missing, len(attributes), model)
        return [*self.notes, *(Note(sentence) for sentence in idle)]


def find_beginning(
    request: PlayRequest,
    places: Places,
    find: Callable[[str], Path],
    autosaves: Path,
    admit: Callable[[Path], object] = admit,
) -> Beginning:
    """Return what to begin with. Raises RtvaeError with what is wrong with the request.

    What a crash left is put aside if it cannot be read, or if `admit` refuses its models.
    """
    asked = (request.preset, request.set_list, request.model, request.blend)
    said: list[Note] = []
    if not request.fresh and not any(asked) and request.driver != "file":
        for left in left_behind(autosaves):
            try:
                begin = _restored(read(left.path), left, places)
                admit(begin.model)
                if begin.second is not None:
                    admit(begin.second)
                return begin
            except (PresetError, ModelError) as error:
                said.append(Note(str(error), "warning"))
                left.put_aside()
    begin = _asked_for(request, places, find)
    return replace(begin, notes=(*said, *begin.notes))


def _asked_for(request: PlayRequest, places: Places, find: Callable[[str], Path]) -> Beginning:
    show = places.show(request.set_list) if request.set_list is not None else None
    first = show.entries[0].preset if show is not None else DEFAULT_PRESET
    preset = places.preset(request.preset or first)
    if not preset.midi:
        preset = replace(preset, midi=_usual_mapping(places))
    notes: list[Note] = []
    model, second = find(request.model or DEFAULT_MODEL), None
    chosen = places.lineup(preset) if request.model is None else None
    if chosen is not None:
        model, second = chosen[0].path, chosen[1].path if chosen[1] is not None else None
        notes = [Note(one.said) for one in chosen if one is not None and one.said]
    if request.blend is not None:
        second = find(request.blend)
    standing = Standing(preset, preset, show, _place(preset.name, show))
    if show is not None:
        notes.insert(0, Note(describe(standing)))
    return Beginning(standing, model, second, tuple(notes))


def _usual_mapping(places: Places) -> tuple[Route, ...]:
    """The knobs of the default preset, for one that says nothing of knobs."""
    try:
        return places.preset(DEFAULT_PRESET).midi
    except PresetError:
        return ()


def _restored(saved: Saved, left: Left, places: Places) -> Beginning:
    """Go on where a session has left off. Raises PresetError if its model is nowhere."""
    notes: list[Note] = []
    model = Path(saved.model)
    second = Path(saved.beside) if saved.beside else None
    if not model.exists() or (second is not None and not second.exists()):
        chosen = places.lineup(saved.preset)
        if chosen is None:
            raise PresetError(f"What the last session left needs model {model}, which is gone.")
        model, second = chosen[0].path, chosen[1].path if chosen[1] is not None else None
        notes = [Note(one.said) for one in chosen if one is not None and one.said]
    show = None
    if saved.set_list:
        try:
            show = places.show(saved.set_list)
        except PresetError as error:
            notes.append(Note(str(error), "warning"))
    place = saved.place if show is not None and (saved.place or 0) < len(show.entries) else None
    # What was not saved is unlike any preset.
    loaded = Preset("") if saved.dirty else saved.preset
    notes.insert(
        0,
        Note(
            "The last session had no proper end: it goes on with its settings, preset "
            f"{saved.preset.name} and model {model.name}; rtvae play --fresh begins anew."
        ),
    )
    standing = Standing(saved.preset, loaded, show, place)
    return Beginning(standing, model, second, tuple(notes), left, saved.muted)


def _place(name: str, show: SetList | None) -> int | None:
    names = [entry.preset for entry in show.entries] if show is not None else []
    return names.index(name) if name in names else None
