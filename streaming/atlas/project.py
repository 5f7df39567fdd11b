"""A project: one folder with frames, whatever was made of them, and what a user painted for them.

    frames/*                 any pictures, in the order in which a person would put them
    masks/*                  the user's own mattes, one for each frame; nothing is ever written here
    scribbles/NNNNN.png      which pixels of frame NNNNN belong to which foreground
    config.json              what the user chose
    source.json              where the frames come from, where `loopmatte atlas new` took them
    results/masks/%05d.png   mattes that were made
    results/checkpoints.npz  the fit
    results/...              atlases, pictures for checking, films

The layout is that of NeuralAtlases, whose projects open as they are. What lies in `frames` and
`masks` is only read; everything that this program writes goes to `results`, but for the first two
JSON files.
"""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from streaming.atlas.config import AtlasConfig, parsed, read_config
from streaming.atlas.ledger import Ledger
from streaming.atlas.mattes import held, read_layers, read_mattes, require_size, scaled
from streaming.atlas.model import Footage, foreground
from streaming.atlas.origin import BARE_RATE, Origin, read_origin
from streaming.errors import InputError
from streaming.frames import U8, Size
from streaming.media.folder import pictures_in
from streaming.media.stills import load_picture
from streaming.settings import SourceSettings

__all__ = ["CHECKPOINT", "CONFIG", "RESULTS", "SOURCE", "USED", "Project", "open_project"]

RESULTS = "results"
CHECKPOINT = "checkpoints.npz"
CONFIG, SOURCE = "config.json", "source.json"
USED = "masks used"  # "own" or "made", as the ledger has it
TRUSTED = SourceSettings()


@dataclass(frozen=True)
class Project:
    """A project that was opened.

    Attributes:
        folder: Where it lies.
        config: What it is fitted with.
        files: The frames that are used, in order.
        left: How many frames are left out at the end.
        own_size: Size of the pictures in `files`.
        origin: Their times, and the loop they are.
        bare: Whether the times are assumed.
    """

    folder: Path
    config: AtlasConfig
    files: tuple[Path, ...]
    left: int
    own_size: Size
    origin: Origin
    bare: bool

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of it, in sentences."""
        left = f"{self.left} frames beyond max_frames ({len(self.files)}) are left out"
        return (*self.config.all_notes, *([left] if self.left else []))

    @property
    def name(self) -> str:
        """What to call it."""
        return self.folder.resolve().name

    @property
    def size(self) -> Size:
        """Size in which it is fitted and rendered."""
        return self.config.size or self.own_size

    @property
    def results(self) -> Path:
        """Where everything goes that is made of it."""
        return self.folder / RESULTS

    @property
    def checkpoint(self) -> Path:
        """The fit."""
        return self.results / CHECKPOINT

    @property
    def atlases(self) -> Path:
        """Where its atlases lie."""
        return self.results / "atlases"

    @property
    def master(self) -> Path | None:
        """The master of the loop that it is, None for any other clip."""
        return None if self.origin.master is None else self.folder / self.origin.master

    @cached_property
    def frames(self) -> U8:
        """All frames, (N, H, W, 3) uint8.

        Raises:
            InputError: One cannot be read, or has another size than the first.
        """
        made = np.empty((len(self.files), self.size.height, self.size.width, 3), np.uint8)
        for number, file in enumerate(self.files):
            pixels = load_picture(file, TRUSTED)[..., :3]
            require_size(file, pixels, (self.own_size,), f"the first is {self.own_size}")
            made[number] = scaled(pixels, self.size)
        return made

    @cached_property
    def mark(self) -> str:
        """What tells its frames from any others: a hash of their files and of their size."""
        known = hashlib.sha256(f"{len(self.files)} {self.size}".encode())
        for file in self.files:
            known.update(hashlib.sha256(file.read_bytes()).digest())
        return known.hexdigest()[:32]

    @property
    def ledger(self) -> Ledger:
        """What was written of it."""
        return Ledger(self.results)

    def mattes(self) -> U8 | None:
        """What each foreground covers: the user's masks, else those that were made.

        Returns:
            (L, N, H, W) uint8; None where there are none, or too few of those that were made.

        Raises:
            InputError: The user's are too few or too many, or one has another size.
        """
        own, made = self.folder / "masks", self.results / "masks"
        if self.config.foreground_layers > 1:
            for folder in (made, own):
                inner = [foreground(each) for each in range(self.config.foreground_layers)]
                if all(held(folder / each) for each in inner):
                    return read_layers(folder, len(inner), self._counts, self._sizes)
            return None
        whole = self.whole_mattes()
        return None if whole is None else whole[None]

    def whole_mattes(self) -> U8 | None:
        """What all foregrounds cover together, (N, H, W) uint8; as `mattes`."""
        ways = [self.own_mattes, self.made_mattes]
        if self.ledger.fact(USED) == "made":
            ways.reverse()
        return next((each for each in (way() for way in ways) if each is not None), None)

    def own_mattes(self) -> U8 | None:
        """The user's masks, (N, H, W) uint8; as `mattes`."""
        folder = self.folder / "masks"
        return read_mattes(folder, self._counts, self._sizes) if held(folder) else None

    def made_mattes(self) -> U8 | None:
        """Those that were made, (N, H, W) uint8; None where one is missing."""
        folder = self.results / "masks"
        if held(folder) < len(self.files):
            return None
        return read_mattes(folder, self._counts, self._sizes)

    @property
    def _counts(self) -> tuple[int, int]:
        return len(self.files), len(self.files) + self.left

    @property
    def _sizes(self) -> tuple[Size, Size]:
        return self.size, self.own_size

    def footage(self, mattes: U8 | None = None) -> Footage:
        """What an engine fits.

        Args:
            mattes: (L, N, H, W) uint8; None for those that are there.

        Raises:
            InputError: There are none.
        """
        own = self.mattes() if mattes is None else mattes
        if own is None:
            raise InputError(
                f"{self.folder} has no masks yet: run `loopmatte atlas train`, which makes them"
            )
        return Footage(self.frames, own, self.origin.seams)


def open_project(folder: Path, config: Path | None = None) -> Project:
    """Open a project; its pictures are read when they are asked for.

    Args:
        folder: Where it lies.
        config: A configuration that stands for the stored one.

    Raises:
        InputError: There is no frame, or what is noted beside them is damaged.
        SettingsError: The configuration is out of range.
    """
    if not folder.is_dir():
        raise InputError(
            f"{folder}: there is no such project; make one with `loopmatte atlas new -p "
            f"{folder.name} --from CLIP`, or put pictures into {folder / 'frames'}"
        )
    files = pictures_in(folder / "frames") if (folder / "frames").is_dir() else []
    if not files:
        raise InputError(
            f"{folder / 'frames'} holds no pictures: put the clip's frames there (PNG, JPEG, ...), "
            "or make a project of a clip with `loopmatte atlas new`"
        )
    chosen = _config(folder, config)
    noted = (folder / SOURCE).is_file()
    origin = read_origin(folder / SOURCE) if noted else None
    if origin and origin.master:
        chosen = _of_loop(chosen, len(files))
    used = tuple(files[: chosen.max_frames])
    first = load_picture(used[0], TRUSTED)
    size = Size(first.shape[1], first.shape[0])
    origin = _fitting(origin, folder, len(files), len(used))
    return Project(folder, chosen, used, len(files) - len(used), size, origin, not noted)


def _config(folder: Path, config: Path | None) -> AtlasConfig:
    """What was named, else what is stored, else the defaults."""
    stored = folder / CONFIG
    if config is not None:
        return read_config(config)
    return read_config(stored) if stored.is_file() else parsed({}, CONFIG)


def _of_loop(config: AtlasConfig, count: int) -> AtlasConfig:
    """A loop is fitted whole and as it is: what is made of it goes back into its master."""
    config = replace(config, max_frames=count)
    if config.size is None:
        return config
    words = f"{CONFIG}: size is left alone: a loop is fitted in its own"
    return replace(config, size=None, notes=(*config.notes, words))


def _fitting(origin: Origin | None, folder: Path, count: int, used: int) -> Origin:
    """The times of the frames that are used."""
    if origin is None:
        return Origin.even(folder.name, used, BARE_RATE)
    if len(origin.times_s) != count:
        raise InputError(
            f"{folder / 'frames'} holds {count} pictures, and {SOURCE} tells of "
            f"{len(origin.times_s)}: put back what is missing, or remove {SOURCE}"
        )
    if used == count:
        return origin
    seams = tuple(each for each in origin.seams if max(each.first, each.second) < used)
    return replace(origin, times_s=origin.times_s[:used], end_s=origin.times_s[used], seams=seams)
