"""Which model a preset means: by its name, and by what it is where the name does not tell.

name is there, same content          that one
name is there, other content         that one, and a sentence says so
name is not there, content is        the model with that content, and a sentence says so
neither                              an error, and nothing changes
"""

from dataclasses import dataclass
from pathlib import Path

from rtvae.control.presets import MODEL_NAME, ModelName
from rtvae.errors import ModelError, PresetError
from rtvae.model.card import CARD_FILE, read_card
from rtvae.model.fingerprint import card_of, fingerprint
from rtvae.model.library import list_models
from rtvae.spec import ModelCard


@dataclass(frozen=True)
class Chosen:
    """A model that is there; `said` is what the player should know of the choice, or ""."""

    path: Path
    card: ModelCard
    said: str = ""

    @property
    def attributes(self) -> tuple[str, ...]:
        """What its latents are, "" for those that are nothing named."""
        return tuple(latent.attribute for latent in self.card.latents)


def choose(wanted: ModelName, models_dir: Path) -> Chosen:
    """Return the model that a preset means. Raises PresetError."""
    path = _by_name(wanted.name, models_dir)
    if path is not None:
        try:
            card = read_card(path)
        except ModelError as error:
            raise PresetError(str(error)) from error
        other = wanted.hash and fingerprint(card) != wanted.hash
        said = (
            f"Model {wanted.name} is not the one that was saved with it, but another of that "
            "name; it may sound different."
        )
        return Chosen(path, card, said if other else "")
    # Only now: all cards take their time.
    entries = list_models(models_dir)
    for entry in entries:
        if entry.card is not None and wanted.hash == fingerprint(entry.card):
            said = f"Model {wanted.name} is called {entry.name} here."
            return Chosen(entry.path, entry.card, said)
    names = ", ".join(entry.name for entry in entries) or "none"
    raise PresetError(
        f"There is no model {wanted.name} and none with its content under another name; put it "
        f"into {models_dir} (there are: {names})."
    )


def _by_name(name: str, models_dir: Path) -> Path | None:
    folder, zipped = models_dir / name, models_dir / f"{name}.zip"
    if (folder / CARD_FILE).is_file():
        return folder
    return zipped if zipped.is_file() else None


def name_of(path: Path) -> ModelName | None:
    """Return what a preset calls the model at a path; None for one that no preset can name."""
    try:
        card = card_of(path)
    except ModelError:
        return None
    name = path.name.removesuffix(".zip")
    name = name if MODEL_NAME.fullmatch(name) else card.name
    return ModelName(name, fingerprint(card)) if MODEL_NAME.fullmatch(name) else None


def attributes_of(path: Path) -> tuple[str, ...]:
    """Return what the latents of the model at a path are, none if it cannot be read."""
    try:
        return tuple(latent.attribute for latent in read_card(path).latents)
    except ModelError:
        return ()
