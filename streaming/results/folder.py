"""The folder that one run writes into.

While a run goes on, loops are named by the order in which they were found, because somebody may
already be looking at them; when it is over they are renamed best first, because that is the order
in which somebody will want them. This class knows both orders, and nothing of what is in the files.

It never writes where something of the user's might be: a folder that holds anything is refused, and
with `force` only files with our own names are removed.
"""

import contextlib
import os
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from streaming.errors import OutputError
from streaming.results.keeping import keep_input
from streaming.results.naming import is_ours
from streaming.results.records import Renamed
from streaming.results.renaming import Move, carry_out, in_safe_order

__all__ = ["Place", "ResultFolder"]

MASTERS, MORE, NEAR, EXPORTS = "masters", "more", "near", "exports"


@dataclass(frozen=True, slots=True)
class Place:
    """Where one loop lies.

    Attributes:
        id: The loop's stable id.
        kind: "loop" or "near".
        file: Its WEBM, relative to the result folder, with forward slashes.
        master: Its master, the same way.
    """

    id: str
    kind: Literal["loop", "near"]
    file: str
    master: str


class ResultFolder:
    """The result folder of one run; make it with `create`.

    Attributes:
        path: The folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._places: dict[str, Place] = {}
        self._given = {"loop": 0, "near": 0}

    @classmethod
    def create(
        cls,
        source: Path | None,
        *,
        output: Path | None,
        force: bool,
        now: datetime,
        here: Path,
    ) -> "ResultFolder":
        """Make the folder, after checking that nothing of the user's is in the way.

        Args:
            source: The input file or folder of pictures, None for a stream or camera.
            output: The folder itself; None for `out-<timestamp>` beside the input, or in `here`
                where there is no file.
            force: Write into `output` although it holds something: what an earlier run wrote is
                removed, everything else stays as it is.
            now: Names the default folder.
            here: Where the default folder of a stream or camera goes.

        Raises:
            OutputError: If the folder holds something, holds the input, or cannot be written.
        """
        wanted = output if output is not None else _default(source, now, here)
        if source is not None:
            _require_apart(wanted, source)
        try:
            if wanted.is_dir() and any(wanted.iterdir()):
                _require_force(wanted, force)
                _clear(wanted)
            wanted.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(wanted, error) from error
        if not os.access(wanted, os.W_OK | os.X_OK):
            raise _unwritable(wanted, PermissionError("no permission to write"))
        return cls(wanted)

    def keep_input(self, source: Path) -> str | None:
        """Put a copy of or a link to the input here; its name, None where neither worked."""
        return keep_input(source, self.path)

    def place(self, id: str, kind: Literal["loop", "near"]) -> Place:
        """Give a loop its name for the time of the run; asked again, it is the same one.

        The folders for it exist afterwards.

        Args:
            id: The loop's stable id.
            kind: Decides about the folder.

        Raises:
            OutputError: If a folder cannot be made.
        """
        if id not in self._places:
            number = self._given[kind]
            self._given[kind] += 1
            self._places[id] = Place(
                id, kind, *_names("near" if kind == "near" else "loop", number)
            )
        place = self._places[id]
        for name in (place.file, place.master):
            try:
                (self.path / name).parent.mkdir(exist_ok=True)
            except OSError as error:
                raise _unwritable(self.path / name, error) from error
        return place

    def adopt(self, place: Place) -> None:
        """Take over a name that was given elsewhere, with folders that are there."""
        self._places[place.id] = place

    def discard(self, id: str) -> None:
        """Remove a loop that failed its check or was bettered, and its master."""
        place = self._places.pop(id, None)
        if place is not None:
            self._remove(place)

    def drop_empty(self) -> None:
        """Remove the folder where nothing lies in it: a run that failed early leaves no trace."""
        with contextlib.suppress(OSError):  # it holds something, or is gone
            self._remove_empty()
            self.path.rmdir()

    def finish(
        self,
        ranking: Sequence[str],
        *,
        keep: int,
        owing: bool = False,
        spared: Set[str] = frozenset(),
        mended: Set[str] = frozenset(),
    ) -> tuple[Renamed, ...]:
        """Rename everything best first, without ever overwriting one loop with another.

        The `keep` best loops become loop_0, loop_1, ...; the others more/more_0, ...; near-loops
        fill up what is missing to `keep` as near/near_0, ..., and the surplus is removed.

        Args:
            ranking: Ids of loops and near-loops, best first among their kind. Loops that are not
                named follow in the order they were found: none is lost for being forgotten.
            keep: How many loops were asked for.
            owing: Keep the masters of loops that were not written, which can be made from them.
            spared: Ids of near-loops that stay, though there are loops enough.
            mended: Ids of near-loops that close now, and count as loops.

        Returns:
            What became of every loop that was written: loops, more, near, removed near-loops; then
            those that are owed, without a file.

        Raises:
            OutputError: If a rename fails; every file is then still there under some name.
        """
        owed = self._owed() if owing else []
        self._drop_unwritten()
        ranked = self._ranked(ranking)
        loops = [each for each in ranked if each.kind == "loop" or each.id in mended]
        near = [each for each in ranked if each not in loops]
        missing = max(0, keep - len(loops))
        stay = near[:missing] + [each for each in near[missing:] if each.id in spared]
        surplus = [each for each in near if each not in stay]
        ends = [
            *(_moved(each, "loop", n) for n, each in enumerate(loops[:keep])),
            *(_moved(each, "more", n) for n, each in enumerate(loops[keep:])),
            *(_moved(each, "near", n) for n, each in enumerate(stay)),
        ]
        for each in surplus:
            self._remove(each)
        carry_out(self.path, in_safe_order(self._moves(ends)))
        self._remove_empty()
        gone = [Renamed(each.id, each.file, None, None) for each in surplus]
        return (*(self._renamed(old, new) for old, new in ends), *gone, *owed)

    def _ranked(self, ranking: Sequence[str]) -> list[Place]:
        order = dict.fromkeys([*ranking, *self._places])
        return [self._places[id] for id in order if id in self._places]

    def _owed(self) -> list[Renamed]:
        """Put the masters of unwritten loops where no other name can meet theirs."""
        owed = []
        for place in list(self._places.values()):
            master = self.path / place.master
            if not (self.path / place.file).exists() and master.exists():
                name = f"{MASTERS}/owed_{place.id}.mkv"
                master.rename(self.path / name)
                del self._places[place.id]
                owed.append(Renamed(place.id, place.file, None, name))
        return owed

    def _drop_unwritten(self) -> None:
        """Forget loops whose file never came to be: a master alone would hold another's name."""
        for place in list(self._places.values()):
            if not (self.path / place.file).exists():
                self.discard(place.id)

    def _moves(self, ends: Sequence[tuple[Place, Place]]) -> list[Move]:
        moves = []
        for old, new in ends:
            moves.append(Move(old.file, new.file))
            if (self.path / old.master).exists():
                moves.append(Move(old.master, new.master))
        return moves

    def _renamed(self, old: Place, new: Place) -> Renamed:
        master = new.master if (self.path / new.master).exists() else None
        return Renamed(old.id, old.file, new.file, master)

    def _remove(self, place: Place) -> None:
        for name in (place.file, place.master):
            (self.path / name).unlink(missing_ok=True)

    def _remove_empty(self) -> None:
        for name in (MASTERS, MORE, NEAR):
            there = self.path / name
            if there.is_dir() and not any(there.iterdir()):
                there.rmdir()


def _names(kind: str, number: int) -> tuple[str, str]:
    folder = "" if kind == "loop" else f"{kind}/"
    return f"{folder}{kind}_{number}.webm", f"{MASTERS}/{kind}_{number}.mkv"


def _moved(place: Place, kind: str, number: int) -> tuple[Place, Place]:
    return place, Place(place.id, place.kind, *_names(kind, number))


def _default(source: Path | None, now: datetime, here: Path) -> Path:
    beside = here if source is None else source.absolute().parent
    wanted = beside / f"out-{now:%Y%m%d-%H%M%S}"
    number = 1
    while wanted.exists():
        number += 1
        wanted = beside / f"out-{now:%Y%m%d-%H%M%S}-{number}"
    return wanted


def _require_apart(wanted: Path, source: Path) -> None:
    folder, given = wanted.resolve(), source.resolve()
    if folder == given or folder in given.parents:
        raise OutputError(
            f"the result folder {wanted} holds the input {source.name}: "
            "give another --output, so that nothing of yours can be replaced"
        )


def _require_force(wanted: Path, force: bool) -> None:
    if not force:
        raise OutputError(
            f"{wanted} is not empty: name a new folder with --output, "
            "or add --force to replace an earlier run's results in it"
        )


def _clear(wanted: Path) -> None:
    """Remove what an earlier run wrote, by its names; everything else is the user's."""
    for there in (wanted, *(wanted / name for name in (MASTERS, MORE, NEAR, EXPORTS))):
        if there.is_symlink() and there != wanted:
            continue
        for file in there.glob("*"):
            if is_ours(file.relative_to(wanted).as_posix()) and not file.is_dir():
                file.unlink()


def _unwritable(wanted: Path, error: OSError) -> OutputError:
    return OutputError(
        f"{wanted} cannot be written ({error.strerror or error}): "
        "choose a folder of yours with --output"
    )
