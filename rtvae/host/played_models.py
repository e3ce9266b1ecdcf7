"""Which model a performance was played with, as its file says it."""

from pathlib import Path

from rtvae.errors import ModelError
from rtvae.io.performance_facts import PlayedModel
from rtvae.model.fingerprint import card_of, fingerprint


def played_model(path: str | None) -> PlayedModel | None:
    """Describe the model at a path; one that cannot be read any more has no fingerprint."""
    if path is None:
        return None
    try:
        card = card_of(Path(path))
    except ModelError:
        return PlayedModel(Path(path).name, path, "", (), ())
    return PlayedModel(
        name=card.name,
        path=path,
        sha256=fingerprint(card),
        latents=tuple(latent.name for latent in card.latents),
        attributes=tuple(latent.attribute for latent in card.latents),
    )
