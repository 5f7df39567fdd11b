"""What the engine says, in the words and forms of the page."""

import base64
import io

from PIL import Image

from streaming.live import Diagnosis, Still

__all__ = ["still_source", "why_none"]

STILL_PX = 96


def why_none(diagnosis: Diagnosis | None) -> str | None:
    """Why there is no loop yet, in one sentence; None where there is one."""
    if diagnosis is None or diagnosis.reason == "found":
        return None
    if diagnosis.reason == "too short":
        return "Still shorter than the shortest loop that is looked for."
    if diagnosis.reason == "no subject":
        return "Nobody is to be seen. For animals or things, start again with the whole picture."
    if diagnosis.reason == "no motion":
        return "Nothing moves yet."
    near = diagnosis.nearest
    if near is None:
        return "The motion has not come back to where it was yet."
    return (
        f"The nearest return, {float(near.start_s):.1f} s to {float(near.end_s):.1f} s, "
        f"is {near.mismatch:.1f} steps off."
    )


def still_source(still: Still) -> str:
    """A small picture as a data URL of WebP with alpha, at most 96 px high."""
    picture = Image.fromarray(still.rgba)
    picture.thumbnail((4 * STILL_PX, STILL_PX), Image.Resampling.BOX)
    into = io.BytesIO()
    picture.save(into, "WEBP", quality=70)
    return "data:image/webp;base64," + base64.b64encode(into.getvalue()).decode()
