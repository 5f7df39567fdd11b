"""Renaming many files onto each other's names without ever losing one.

Best-first names are a permutation of the names that the loops got while they were found, so a plain
rename would overwrite a neighbour. The moves are therefore put into an order in which every target
is free at its turn; a ring (0 to 1, 1 to 0) is opened by parking one file under a spare name. Each
single rename is atomic, so at whatever point the program is killed every file is there, whole,
under exactly one name. The plan is pure: a test can stop it after every step.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from streaming.errors import OutputError

__all__ = ["Move", "carry_out", "in_safe_order"]

SPARE = ".parked"


@dataclass(frozen=True, slots=True)
class Move:
    """One file that gets another name; both relative to the same folder."""

    old: str
    new: str


def in_safe_order(moves: Sequence[Move]) -> list[Move]:
    """Order the moves so that none overwrites a file that has still to move.

    Args:
        moves: At most one per file; no two may share an old or a new name.

    Returns:
        The renames to do one after the other; a ring costs one more.

    Raises:
        ValueError: If two moves start or end at the same name.
    """
    waiting = {each.old: each.new for each in moves if each.old != each.new}
    if len({each.old for each in moves}) < len(moves) or len({m.new for m in moves}) < len(moves):
        raise ValueError(f"two of these moves share a name: {moves}")
    ordered: list[Move] = []
    while waiting:
        free = [old for old, new in waiting.items() if new not in waiting]
        for old in free:
            ordered.append(Move(old, waiting.pop(old)))
        if not free:
            old, new = next(iter(waiting.items()))
            ordered.append(Move(old, old + SPARE))
            del waiting[old]
            waiting[old + SPARE] = new
    return ordered


def carry_out(folder: Path, moves: Sequence[Move]) -> None:
    """Do the renames, in the order given.

    Args:
        folder: What the names are relative to.
        moves: As `in_safe_order` gives them.

    Raises:
        OutputError: If a name is taken by a file that is none of ours, or a rename fails; what
            was not renamed yet keeps its name.
    """
    for move in moves:
        old, new = folder / move.old, folder / move.new
        try:
            new.parent.mkdir(exist_ok=True)
            if new.exists() or new.is_symlink():
                raise FileExistsError(f"{new} is there already")
            old.rename(new)
        except OSError as error:
            raise OutputError(
                f"{old} could not be renamed to {new.name} ({error}): "
                "the loop is kept under its old name; look at the folder's permissions"
            ) from error
