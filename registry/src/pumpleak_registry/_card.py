"""Reading a card as something to be admitted; it is data, and nothing of it is run."""

from __future__ import annotations

from pathlib import Path

from pumpleak._errors import PumpleakError

from . import layout
from ._errors import RegistryError
from .artifact import Artifact


def read_card(path: Path, data: bytes) -> Artifact:
    """Return a card's identity and metadata.

    In the index its file is named after identity and version, whatever the author's is called, so
    that every version has a name of its own.

    Raises:
        RegistryError: it is not a card that the host would load.
    """
    from pumpleak.cards import loads_card

    try:
        card = loads_card(data.decode("utf-8"))
    except (PumpleakError, UnicodeDecodeError) as error:
        raise RegistryError(
            "A113",
            f"{path.name} is no card that can be loaded: {error}",
            "see 'pumpleak card check'",
        ) from None
    urls = {"DOI": f"https://doi.org/{card.doi}"} if card.doi else {}
    urls |= {f"ORCID of {a.name}": f"https://orcid.org/{a.orcid}" for a in card.authors if a.orcid}
    return Artifact(
        path=path,
        file=layout.file_name(f"{card.id}-{card.version}{layout.CARD_SUFFIX}"),
        data=data,
        kind="card",
        name=card.id,
        version=card.version,
        summary=card.summary,
        license=card.license,
        plugins=(card.id.partition(".")[0],),
        authors=tuple(author.name for author in card.authors),
        urls=urls,
    )
