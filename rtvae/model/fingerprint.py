"""Fingerprint: which model this is by what it sounds like, whatever it is called.

The sha256 over the checksums of the files that the card names: the same for a copy, a renamed
folder, a zip file, and a card with other words; another one for other weights. A survey, which may
be made of a model any time, leaves it the model that it was, and has a print of its own.
"""

import hashlib
from pathlib import Path

from rtvae.errors import ModelError
from rtvae.model.admit import admit
from rtvae.model.card import read_card
from rtvae.model.library import list_models
from rtvae.model.space import SPACE_FILE
from rtvae.spec import ModelCard


def card_of(path: Path) -> ModelCard:
    """Return the card of a model folder, a zipped one or a bare graph. Raises ModelError."""
    # A bare graph has no card; its examination makes one.
    return admit(path).card if path.suffix == ".onnx" else read_card(path)


def fingerprint(card: ModelCard) -> str:
    """Return the fingerprint of a model, in hex."""
    names = sorted(name for name in card.files if name != SPACE_FILE)
    lines = [f"{card.files[name]} {name}\n" for name in names]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def survey_print(card: ModelCard) -> str:
    """Return which survey lies in a model, in hex; "" where none does."""
    return card.files.get(SPACE_FILE, "")


def find_by_fingerprint(wanted: str, candidates: list[Path], models_dir: Path) -> Path | None:
    """Return the first model with that fingerprint: of the candidates, else of the library."""
    for path in [*candidates, *(entry.path for entry in list_models(models_dir))]:
        try:
            if fingerprint(card_of(path)) == wanted:
                return path
        except ModelError:
            continue
    return None
