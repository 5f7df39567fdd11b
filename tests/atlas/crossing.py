"""Two textured objects that cross each other before a textured background, with exact mattes."""

import cv2
import numpy as np

from streaming.atlas.model import F32
from streaming.frames import U8, Size
from tests.atlas.scene import eighted, pixel_places, texture

FRONT = np.array([0.7, 0.42, 0.3], np.float32)
BACK = np.array([0.35, 0.55, 0.4], np.float32)


class Crossing:
    """A front ellipse moves right, one behind it left; mid-way the one hides the other."""

    def __init__(
        self,
        size: Size = Size(160, 120),  # noqa: B008 - a frozen value
        count: int = 12,
        means: tuple[F32, F32] = (FRONT, BACK),
    ) -> None:
        self.size, self.count = size, count
        self.pictures = [texture(size, 3 + n, each) for n, each in enumerate(means)]
        self.ground = texture(size, 11, np.array([0.5, 0.5, 0.55], np.float32))

    def middle(self, thing: int, frame: int) -> tuple[float, float]:
        way = frame / (self.count - 1) - 0.5
        side = 1 if thing == 0 else -1
        return self.size.width * (0.5 + side * 0.52 * way), self.size.height * (0.5 + 0.06 * side)

    def alone(self, thing: int, frame: int) -> F32:
        """What an object would cover with nothing before it."""
        x, y = pixel_places(self.size)
        cx, cy = self.middle(thing, frame)
        far = np.hypot((x - cx) / (0.13 * self.size.width), (y - cy) / (0.28 * self.size.height))
        return np.asarray(np.clip((1 - far) * 0.13 * self.size.width + 0.5, 0, 1), np.float32)

    def shares(self, frame: int) -> tuple[F32, F32]:
        """What each object shows, (H, W) each."""
        front = self.alone(0, frame)
        return front, self.alone(1, frame) * (1 - front)

    def frame(self, frame: int) -> F32:
        made = self.ground
        for thing in (1, 0):
            cx, cy = self.middle(thing, frame)
            away = cx - self.size.width / 2, cy - self.size.height / 2
            move = np.array([[1, 0, away[0]], [0, 1, away[1]]], np.float32)
            seen = cv2.warpAffine(
                self.pictures[thing], move, (self.size.width, self.size.height),
                borderMode=cv2.BORDER_REFLECT,
            )  # fmt: skip
            alpha = self.alone(thing, frame)[..., None]
            made = alpha * seen + (1 - alpha) * made
        return np.asarray(made, np.float32)

    def frames(self) -> U8:
        return np.stack([eighted(self.frame(each)) for each in range(self.count)])

    def matte(self) -> U8:
        return np.stack([eighted(np.add(*self.shares(each))) for each in range(self.count)])

    def strokes(self, frame: int, colours: tuple[tuple[int, int, int], ...]) -> U8:
        """A short antialiased stroke over what shows of each object, on black."""
        made = np.zeros((self.size.height, self.size.width, 3), np.uint8)
        for thing, colour in enumerate(colours[:2]):
            seen = self.shares(frame)[thing] > 0.99
            rows, columns = np.nonzero(cv2.erode(seen.astype(np.uint8), np.ones((9, 9))))
            if len(rows):
                a, b = np.argmin(rows), np.argmax(rows)
                top, low = ((int(columns[n]), int(rows[n])) for n in (a, b))
                cv2.line(made, top, low, colour, 4, cv2.LINE_AA)
        return made
