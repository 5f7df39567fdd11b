"""Writing ordinary videos: no_background.mp4, alpha.mp4, foreground.mp4.

H.264 in MP4 plays everywhere, so that is what comes out, with the source's frame times kept as
they are: the time base below holds every usual frame rate (24, 25, 30 and 60, whole or times
1000/1001) and milliseconds as whole numbers. The preset was chosen by measuring (720p, a dancer
on green, one thread, ms and kB a frame, luma PSNR):

    ultrafast crf 18    4.6    16    55.2
    superfast crf 20   11.4     9    54.6
    veryfast  crf 20   18.0     5    52.2

The network needs the machine more than the disk needs the space.

Most backgrounds rest, so `lay` keeps the last one in 4:2:0 and converts only the subject's part of
the picture.
"""

from fractions import Fraction
from pathlib import Path

import av

from streaming.frames import U8, Patch, Rect, Size
from streaming.media.audio import MP4_SOUND, Sound
from streaming.media.composite import over
from streaming.media.planes import ToYuv, copied, even, padded, plane, tag
from streaming.media.reel import Reel, ReelWriter
from streaming.media.track import VideoTrack
from streaming.media.whole import telling

__all__ = ["VideoWriter"]

TIME_BASE_S = Fraction(1, 720_000)


class VideoWriter(ReelWriter):
    """Writes an opaque video that appears when `close` has been called.

    A context manager; leaving the block without `close` leaves no file. A video of odd size gets
    one more column or row, a copy of its last, as H.264's 4:2:0 wants.

    Args:
        path: The file's final name, ending in .mp4.
        size: Size of every frame.
        sound: What is heard with it; it must stay open until `close`.
        crf: Constant quality of x264, 0 (best) to 51.
        replace: Whether an existing file may be replaced.

    Raises:
        OutputError: Here and from every method: the file cannot be written.
    """

    def __init__(
        self,
        path: Path,
        *,
        size: Size,
        sound: Sound | None = None,
        crf: int = 18,
        replace: bool = False,
    ) -> None:
        self._size = size
        self._frames = 0
        self._to_yuv = ToYuv()
        self._part_to_yuv = ToYuv()
        self._behind: tuple[U8, av.VideoFrame] | None = None
        self._reel = Reel(path, format="mp4", options={"movflags": "+faststart"}, replace=replace)
        self._track = VideoTrack(
            self._reel.into,
            "libx264",
            size=even(size),
            pixels="yuv420p",
            options={"preset": "ultrafast", "crf": str(crf)},
            time_base_s=TIME_BASE_S,
        )
        self._sound = sound.into(self._reel.into, MP4_SOUND) if sound else None

    def write(self, pixels: U8, time_s: Fraction) -> None:
        """Add a frame.

        Args:
            pixels: (H, W, 3) RGB or (H, W) grey, uint8.
            time_s: Its time from the start of the file, later than the one before.
        """
        if pixels.shape[:2] != (self._size.height, self._size.width):
            raise ValueError(f"a picture of shape {pixels.shape} among frames of {self._size}")
        whole = padded(pixels)
        self._add(self._to_yuv.grey(whole) if whole.ndim == 2 else self._to_yuv(whole), time_s)

    def lay(self, subject: Patch, behind: U8, time_s: Fraction) -> None:
        """Add a frame: a subject in front of a background.

        Args:
            subject: The part of the picture that is not transparent.
            behind: (H, W, 3) RGB; an array that was given last time is not looked at again.
            time_s: Its time from the start of the file, later than the one before.
        """
        if subject.size != self._size:
            raise ValueError(f"a subject of a {subject.size} picture among frames of {self._size}")
        if self._behind is None or self._behind[0] is not behind:
            self._behind = (behind, self._to_yuv(padded(behind)))
        frame = tag(copied(self._behind[1], even(self._size)))
        part = _evened(subject.rect).within(Rect.whole(self._size))
        if not part.empty:
            pixels = over(subject.part(part), behind[part.slices()])
            made = self._part_to_yuv(padded(pixels))
            for index in range(3):
                place = part.slices(halved=index > 0)
                wanted = plane(frame, index)[place]
                wanted[:] = plane(made, index)[: wanted.shape[0], : wanted.shape[1]]
        self._add(frame, time_s)

    def _add(self, frame: av.VideoFrame, time_s: Fraction) -> None:
        with telling(self._reel.path):
            self._track.write(frame, time_s)
            if self._sound:
                self._sound.until(time_s)
        self._frames += 1

    def close(self, end_s: Fraction) -> None:
        """Finish the file and give it its name; the last frame is shown until `end_s`."""
        if not self._frames:
            raise ValueError("a video without frames")
        with telling(self._reel.path):
            self._track.end(end_s)
            if self._sound:
                self._sound.end(end_s)
        self._reel.keep()


def _evened(rect: Rect) -> Rect:
    """A rectangle that begins and ends at even places."""
    return Rect(
        rect.x0 - rect.x0 % 2, rect.y0 - rect.y0 % 2, rect.x1 + rect.x1 % 2, rect.y1 + rect.y1 % 2
    )
