"""What is noted beside an atlas's picture: whose it is, where it lies, which bytes were written.

A picture alone does not say on which layer it lies, and paint programs drop what a PNG notes of
itself. So a JSON file of the same name stands beside it. Its hash tells a picture that somebody
painted from one that this program may write again. Its place is given in the reference frame, which
both a draft and the final fit look like, so that what was painted on one also fits the other.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from streaming.atlas.edits import Place
from streaming.atlas.grids import nodes_at
from streaming.atlas.model import Fit, Layer
from streaming.errors import InputError
from streaming.frames import Size

__all__ = ["Card", "Kind", "beside", "card_of", "hash_of", "place_of", "read_card"]

Kind = Literal["atlas", "overlay"]


@dataclass(frozen=True, slots=True)
class Card:
    """What is noted beside a picture.

    Attributes:
        layer: The layer's name.
        kind: A whole `atlas`, or an `overlay` whose every texel is paint.
        width: Of the layer's atlas in texels; the picture may be larger.
        height: The same.
        scale: Texels for each pixel of the reference frame.
        left: The pixel of the reference frame at which the middle of the first texel stands.
        top: The same, downwards.
        gain: What the picture's colours are multiplied by; above 1 where paint on a dark frame
            would be brighter than white in the atlas's light.
        clip: What tells the clip from any other.
        sha256: Of the picture's bytes.
    """

    layer: str
    kind: Kind
    width: int
    height: int
    scale: float
    left: float
    top: float
    gain: float
    clip: str
    sha256: str

    def text(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self), indent=2) + "\n"


def beside(picture: Path) -> Path:
    """Where the card of a picture, a film or a folder of pictures lies."""
    plain = not picture.suffix or picture.suffix.startswith(".new")  # a folder's name
    return picture.with_name(f"{picture.name if plain else picture.stem}.json")


def hash_of(data: bytes) -> str:
    """What the bytes of a file are known by."""
    return hashlib.sha256(data).hexdigest()


def card_of(
    fit: Fit, layer: Layer, sha256: str, *, clip: str, kind: Kind = "atlas", gain: float = 1.0
) -> Card:
    """The card of a picture that covers a layer's atlas."""
    scale, left, top = _in_reference(fit, layer)
    high, wide = layer.cover.shape
    return Card(layer.name, kind, wide, high, scale, left, top, gain, clip, sha256)


def read_card(path: Path) -> Card | None:
    """Read a card; None where there is none.

    Raises:
        InputError: It is damaged, or is something else.
    """
    try:
        told = json.loads(path.read_text("utf-8"))
        card = Card(**told)
        if card.kind not in get_args(Kind) or min(card.width, card.height) < 1:
            raise ValueError(f"kind {card.kind!r}")
        number = min(card.scale, card.gain)
        if not number > 0:
            raise ValueError(f"scale {card.scale}, gain {card.gain}")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise InputError(
            f"{path} cannot be read ({error}): remove it, and the picture beside it is taken for "
            "an atlas of this project"
        ) from error
    return card


def place_of(card: Card, fit: Fit, layer: Layer, picture: Size) -> Place:
    """Where a picture lies on a layer's atlas, which may be of a later fit than the card."""
    high, wide = layer.cover.shape
    scale, left, top = _in_reference(fit, layer)
    if (card.width, card.height, card.scale, card.left, card.top) == (wide, high, scale, left, top):
        return Place.over(Size(wide, high), picture)
    grows = scale / card.scale  # texels of this fit for each of the card's
    first = [(a - b) * scale - 0.5 * grows for a, b in ((card.left, left), (card.top, top))]
    across, down = picture.width / card.width / grows, picture.height / card.height / grows
    return Place(first[0], first[1], across, down)


def _in_reference(fit: Fit, layer: Layer) -> tuple[float, float, float]:
    """Texels for each pixel of the reference frame, and the pixel of texel (0, 0), x and y."""
    uv, step = layer.uv[fit.reference].astype(np.float64), layer.spacing_px
    at = nodes_at((uv.shape[0], uv.shape[1]), step).astype(np.float64)
    weight = layer.trust[fit.reference].astype(np.float64)[..., None] + 1e-6
    weight /= weight.sum()
    middle, texel = (weight * at).sum((0, 1)), (weight * uv).sum((0, 1))
    away, gone = at - middle, uv - texel
    scale = float((weight * away * gone).sum() / (weight * away * away).sum())
    scale = round(max(scale, 1e-3), 6)
    left, top = middle - texel / scale
    return scale, round(float(left), 4), round(float(top), 4)
