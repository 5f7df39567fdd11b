"""What the engine says, in the words and forms of the page."""

import base64
import io

from PIL import Image

from streaming.live import Diagnosis, Reason, Still

__all__ = ["still_source", "why_none"]

STILL_PX = 96
WHOLE = "For animals or things, start again with the whole picture."
YET: dict[Reason, str] = {
    "too short": "Still shorter than the shortest loop that is looked for.",
    "no subject": f"Nobody is to be seen. {WHOLE}",
    "too dark": "It is too dark to compare anything.",
    "no motion": "Nothing moves yet.",
    "no return": "The motion has not come back to where it was yet.",
    "few": "Every other return is much the same again, or does not close.",
}
OVER: dict[Reason, str] = {
    **YET,
    "too short": "It is shorter than the shortest loop that is looked for.",
    "no subject": f"Somebody is to be seen in few frames only, or nobody at all. {WHOLE}",
    "no motion": "Nothing moves, so every cut would do.",
    "no return": "Within the longest loop that is looked for, the motion never comes back to where "
    "it was.",
}


def why_none(diagnosis: Diagnosis | None, *, over: bool = False) -> str | None:
    """Why there is no loop, in a sentence or two without a flag; None where there is one.

    Args:
        diagnosis: What the engine says.
        over: Whether the stream is over; there is none yet where it is not.
    """
    if diagnosis is None or diagnosis.reason == "found":
        return None
    nearest = diagnosis.nearest
    if diagnosis.reason == "no return" and nearest is not None:
        return (
            f"The nearest return, {float(nearest.start_s):.1f} s to {float(nearest.end_s):.1f} s, "
            f"is {nearest.mismatch:.1f} steps off: {nearest.stopped_by}."
        )
    return (OVER if over else YET)[diagnosis.reason]


def still_source(still: Still) -> str:
    """A small picture as a data URL of WebP with alpha, at most 96 px high."""
    picture = Image.fromarray(still.rgba)
    picture.thumbnail((4 * STILL_PX, STILL_PX), Image.Resampling.BOX)
    into = io.BytesIO()
    picture.save(into, "WEBP", quality=70)
    return "data:image/webp;base64," + base64.b64encode(into.getvalue()).decode()
