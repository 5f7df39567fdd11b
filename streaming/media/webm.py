"""Writing transparent WEBM: VP9 with alpha, one key frame, exact times.

Measured at 720p (a dancing man over a fifth of the picture, crf 28, libvpx on one thread; CPU time
on two shared cores, so read the times against each other):

    deadline/cpu-used   ms/frame   kB/frame   luma PSNR in the subject   alpha error /255
    realtime/8            19-24       7.3              47.0                  0.062
    realtime/7            20-27       6.9              46.7                  0.062
    realtime/6            21-33       6.5              46.8                  0.061
    realtime/5              40        6.4              47.0                  0.061
    good/4                  67        5.2              47.2                  0.056

So `fast`, which runs beside the network, is realtime/8, and `good`, for which nobody waits, is
good/4. Quality is constant (crf with no bitrate): a loop's size follows its motion, and fitting
a size is the business of exports. There is no look-ahead and no hidden frame, so every packet is
one frame shown, in order. The key frame is the first one only: a player that loops goes back to the
start, and nothing else seeks.
"""

from fractions import Fraction
from pathlib import Path
from typing import Literal

import av

from streaming.frames import U8, Patch, Rect, Size
from streaming.media.audio import WEBM_SOUND, Sound
from streaming.media.inlay import BLANK, Inlay, inlay_of, lay
from streaming.media.planes import plane, tag
from streaming.media.reel import Reel, ReelWriter
from streaming.media.timing import MILLISECOND
from streaming.media.track import VideoTrack
from streaming.media.whole import telling

__all__ = ["Effort", "LoopWriter", "vp9_options"]

Effort = Literal["fast", "good"]


def vp9_options(effort: Effort, crf: int) -> dict[str, str]:
    """Options of libvpx-vp9 for one effort and a constant quality of 0 (best) to 63."""
    speed = {"deadline": "realtime", "cpu-used": "8"}
    if effort == "good":
        speed = {"deadline": "good", "cpu-used": "4"}
    rate = {"crf": str(crf), "b": "0", "g": "9999"}
    return {**speed, **rate, "lag-in-frames": "0", "auto-alt-ref": "0", "row-mt": "0"}


class Canvas:
    """Turns inlays into yuva420p frames of one size, touching only what changed.

    Two frames take turns, because the encoder's track still holds the one before.

    Args:
        size: Size of every frame.
    """

    def __init__(self, size: Size) -> None:
        self._size = size
        self._turns: list[tuple[av.VideoFrame, Inlay | None]] = []

    def frame(self, subject: Inlay | None) -> av.VideoFrame:
        """Draw one picture, good until the call after next; None is an empty one."""
        frame, before = self._next()
        whole = Rect.whole(self._size)
        if before is not None:
            lay(before, frame, whole, wipe=True)
        if subject is not None:
            lay(subject, frame, whole)
        self._turns.append((frame, subject))
        return frame

    def _next(self) -> tuple[av.VideoFrame, Inlay | None]:
        if len(self._turns) == 2:
            return self._turns.pop(0)
        fresh = tag(av.VideoFrame(self._size.width, self._size.height, "yuva420p"))
        for index, value in enumerate(BLANK):
            plane(fresh, index)[:] = value
        return fresh, None


class LoopWriter(ReelWriter):
    """Writes one loop as a transparent WEBM that appears when `close` has been called.

    A context manager; leaving the block without `close` leaves no file.

    Args:
        path: The file's final name, ending in .webm.
        size: Size of every frame; odd sizes are fine.
        effort: "fast" for writing while the input is read, "good" for smaller files in two
            to three times the time.
        crf: Constant quality, 0 (best) to 63.
        sound: The source's sound, for a whole clip; a loop has none.
        replace: Whether an existing file may be replaced.

    Raises:
        OutputError: Here and from every method: the file cannot be written.
    """

    def __init__(
        self,
        path: Path,
        *,
        size: Size,
        effort: Effort = "fast",
        crf: int = 28,
        sound: Sound | None = None,
        replace: bool = False,
    ) -> None:
        self._size = size
        self._canvas = Canvas(size)
        self._frames = 0
        self._reel = Reel(path, format="webm", replace=replace)
        self._track = VideoTrack(
            self._reel.into,
            "libvpx-vp9",
            size=size,
            pixels="yuva420p",
            options=vp9_options(effort, crf),
            time_base_s=MILLISECOND,
        )
        self._sound = sound.into(self._reel.into, WEBM_SOUND) if sound else None

    def write(self, rgba: U8, time_s: Fraction) -> None:
        """Add a frame.

        Args:
            rgba: (H, W, 4) uint8, straight alpha; colours where alpha is 0 do not matter.
            time_s: Its time from the start of the loop, later than the one before.
        """
        if rgba.shape != (self._size.height, self._size.width, 4):
            raise ValueError(f"a picture of shape {rgba.shape} among frames of {self._size}")
        self.lay(inlay_of(Patch.of(rgba)), time_s)

    def lay(self, subject: Inlay | None, time_s: Fraction) -> None:
        """Add a frame that is prepared already; None is an empty one."""
        frame = self._canvas.frame(subject)
        with telling(self._reel.path):
            self._track.write(frame, time_s)
            if self._sound:
                self._sound.until(time_s)
        self._frames += 1

    def close(self, end_s: Fraction) -> None:
        """Finish the file and give it its name.

        Args:
            end_s: Length of the loop; the last frame is shown until then.
        """
        if not self._frames:
            raise ValueError("a loop without frames")
        with telling(self._reel.path):
            self._track.end(end_s)
            if self._sound:
                self._sound.end(end_s)
        self._reel.keep()
