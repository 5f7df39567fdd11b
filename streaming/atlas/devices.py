"""Where networks of this room run; torch is here already where this is asked."""

import torch

from streaming.errors import RuntimeMissing

__all__ = ["device_called"]


def device_called(asked: str, *, otherwise: str = "") -> torch.device:
    """The device of a name.

    Args:
        asked: `auto` for a card where there is one, else what torch calls it.
        otherwise: What else somebody without that device can do, as the end of a sentence.

    Raises:
        RuntimeMissing: It is not there.
    """
    if asked == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(asked)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise RuntimeMissing(
            f"--device {asked}: torch cannot use it here; use auto or cpu{otherwise}"
        ) from error
    return device
