"""What this program has written of a project, so that it replaces nothing that anybody painted.

`results/written.json` holds the hash of every such file. A file whose bytes still are what was
noted may be replaced; one that differs is the user's, whatever it is called. Beside them stand
a few facts, such as which frames the fit is of.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from streaming.errors import InputError
from streaming.media.whole import telling, whole_file

__all__ = ["Ledger"]

NAME = "written.json"
FACT = "? "  # before what is no file's name


@dataclass(frozen=True, slots=True)
class Ledger:
    """What was written below a folder.

    Attributes:
        folder: The `results` of a project.
    """

    folder: Path

    def ours(self, path: Path) -> bool:
        """Whether a file is not there, or is as this program left it."""
        return not path.exists() or self._read().get(self._name(path)) == _hash(path)

    def note(self, path: Path) -> None:
        """Remember a file as it is now.

        Raises:
            OutputError: The ledger cannot be written.
        """
        self._write({**self._read(), self._name(path): _hash(path)})

    def fact(self, name: str) -> str | None:
        """Something else that was noted, None where it was not."""
        return self._read().get(f"{FACT}{name}")

    def note_fact(self, name: str, told: str) -> None:
        """Remember something else.

        Raises:
            OutputError: The ledger cannot be written.
        """
        self._write({**self._read(), f"{FACT}{name}": told})

    def _name(self, path: Path) -> str:
        here = self.folder.resolve()
        return path.resolve().relative_to(here).as_posix()

    def _read(self) -> dict[str, str]:
        path = self.folder / NAME
        try:
            told = json.loads(path.read_text("utf-8")) if path.is_file() else {}
        except (OSError, ValueError) as error:
            raise InputError(
                f"{path} is damaged ({error}): remove it, then what lies beside it counts as yours"
            ) from error
        return {str(key): str(value) for key, value in told.items()}

    def _write(self, told: dict[str, str]) -> None:
        path = self.folder / NAME
        with telling(path):
            self.folder.mkdir(parents=True, exist_ok=True)
        with whole_file(path, replace=True) as part:
            part.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", "utf-8")


def _hash(path: Path) -> str:
    """Of a file, or of all files of a folder with their names."""
    if not path.is_dir():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    known = hashlib.sha256()
    for each in sorted(path.rglob("*")):
        if each.is_file():
            known.update(f"{each.relative_to(path).as_posix()} {_hash(each)}\n".encode())
    return known.hexdigest()
