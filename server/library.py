"""What stays on disk: sessions with their loops, uploads, and the key that signs cookies.

    library/  key  lock  uploads/  sessions/<id>/{session,source}.json  sessions/<id>/result/...

Only this file and `uploads.py` know the layout. A name that came from outside becomes part of a
path only where it matches the closed pattern of our own ids, and what is given out is a path that
was resolved and lies where it should, so that neither `..` nor a link leads elsewhere. Every file
appears whole. A session whose file cannot be read is left alone and left out: one damaged file must
not take the others from their owner. What a user kept is never deleted here.

Methods are synchronous; all but `save` may take long and belong on a thread.
"""

import json
import logging
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from server.errors import RequestError
from server.model import SessionFacts, Wanted
from streaming.live import SettingsError

__all__ = ["RESULT", "Disk", "Library", "confined", "expired"]

log = logging.getLogger(__name__)

ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
KEY_BYTES = 32
FACTS, SOURCE = "session.json", "source.json"
RESULT = "result"  # a session's result folder, inside its own


@dataclass(frozen=True, slots=True)
class Disk:
    """How full the library's disk is.

    Attributes:
        used_bytes: By the library.
        free_bytes: Left on its disk.
    """

    used_bytes: int
    free_bytes: int


def confined(folder: Path, name: str) -> Path:
    """The regular file of that name below `folder`, with links followed.

    Raises:
        RequestError: 404: it is not there, or it lies elsewhere.
    """
    try:
        root = folder.resolve(strict=True)
        path = (root / name).resolve(strict=True)
        if path.is_relative_to(root) and path.is_file():
            return path
    except (OSError, ValueError, RuntimeError):  # not there; a zero byte; links in a circle
        pass
    raise RequestError(404, f"{name}: there is no such file here")


def expired(facts: SessionFacts, now: datetime, days: int) -> bool:
    """Whether a session is old enough to be deleted, and holds nothing that its owner kept.

    Args:
        facts: The session.
        now: With time zone.
        days: How long it stays; 0 for always.
    """
    if not days or any(each.kept for each in facts.loops):
        return False
    return datetime.fromisoformat(facts.created).astimezone() + timedelta(days=days) < now


class Library:
    """The folder in which the server keeps everything.

    Args:
        root: Where; made if it is not there, for its owner alone.

    Attributes:
        root: The same, resolved.
        key: The secret that cookies are signed with.
        uploads: Folder of uploads.

    Raises:
        SettingsError: It cannot be made or written to.
    """

    def __init__(self, root: Path) -> None:
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.root = root.resolve()
            self.uploads = self.root / "uploads"
            self._sessions = self.root / "sessions"
            self.uploads.mkdir(mode=0o700, exist_ok=True)
            self._sessions.mkdir(mode=0o700, exist_ok=True)
            self.key = _key(self.root / "key")
        except OSError as error:
            raise SettingsError(
                f"--library {root}: {error.strerror or error}; give a folder that you may write to"
            ) from error

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other servers out of the library meanwhile.

        Raises:
            SettingsError: Another one is in it.
        """
        with (self.root / "lock").open("a") as file:
            if not _locked(file.fileno()):
                raise SettingsError(
                    f"--library {self.root}: another loopmatte serves it; give another folder, "
                    "or stop that one"
                )
            yield

    def new_folder(self, sid: str) -> Path:
        """Make the folder of a new session."""
        folder = self.folder(sid)
        folder.mkdir(mode=0o700)
        return folder

    def folder(self, sid: str) -> Path:
        """Where a session lies, whether it exists or not.

        Raises:
            RequestError: 404: that is no id of a session.
        """
        if not ID.fullmatch(sid):
            raise RequestError(404, f"{sid}: there is no such session")
        return self._sessions / sid

    def result(self, sid: str) -> Path:
        """Where a session's results lie, whether they exist or not.

        Raises:
            RequestError: 404: that is no id of a session.
        """
        return self.folder(sid) / RESULT

    def save(self, facts: SessionFacts) -> None:
        """Write down what a session is; whoever reads meanwhile sees the old or the new, whole."""
        folder = self.folder(facts.id)
        part = folder / f".{FACTS}.{secrets.token_hex(4)}.part"
        try:
            plain = json.dumps(facts.as_json(saved=True), allow_nan=False)
            part.write_text(plain, encoding="utf-8")
            part.replace(folder / FACTS)
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    def save_source(self, sid: str, source: Wanted) -> None:
        """Write down, once, what a session is made of."""
        plain = json.dumps(source.as_json(), allow_nan=False)
        (self.folder(sid) / SOURCE).write_text(plain, encoding="utf-8")

    def source(self, sid: str) -> Wanted:
        """What a session was made of.

        Raises:
            RequestError: 410: it is not known any more.
        """
        try:
            return Wanted.from_json(json.loads((self.folder(sid) / SOURCE).read_text("utf-8")))
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise RequestError(
                410, "what this session was made of is not known any more"
            ) from error

    def load(self) -> list[SessionFacts]:
        """All sessions that can be read, newest first."""
        found = [facts for folder in self._folders() if (facts := _read(folder)) is not None]
        return sorted(found, key=lambda facts: facts.created, reverse=True)

    def delete(self, sid: str) -> None:
        """Remove a session with everything in it; do nothing where it is gone."""
        folder = self.folder(sid)
        away = folder.with_name(f".{sid}.{secrets.token_hex(4)}.gone")
        try:
            folder.rename(away)  # at once and as a whole; the rest may take its time
        except FileNotFoundError:
            return
        shutil.rmtree(away, ignore_errors=True)

    def bytes_of(self, sid: str) -> int:
        """What a session costs on disk."""
        return _size(self.folder(sid))

    def disk(self) -> Disk:
        """How full the disk is."""
        return Disk(_size(self.root), shutil.disk_usage(self.root).free)

    def expire(self, now: datetime, days: int) -> list[str]:
        """Delete the sessions that are too old and hold nothing kept; sweep up remains.

        This is for a library of which no session runs: at the start of a server.

        Args:
            now: With time zone.
            days: How old is too old; 0 for never.

        Returns:
            Ids of the sessions that were deleted.
        """
        for rest in self._sessions.glob(".*.gone"):
            shutil.rmtree(rest, ignore_errors=True)
        gone = [facts.id for facts in self.load() if expired(facts, now, days)]
        for sid in gone:
            self.delete(sid)
        return gone

    def _folders(self) -> Iterator[Path]:
        for folder in self._sessions.iterdir():
            if ID.fullmatch(folder.name) and folder.is_dir() and not folder.is_symlink():
                yield folder


def _read(folder: Path) -> SessionFacts | None:
    try:
        facts = SessionFacts.from_json(json.loads((folder / FACTS).read_text("utf-8")))
        datetime.fromisoformat(facts.created).astimezone()
    except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        log.warning("%s cannot be read and is left out: %s", folder / FACTS, error)
        return None
    if facts.id != folder.name:
        log.warning("%s is the session %s and is left out", folder / FACTS, facts.id)
        return None
    return facts


def _size(folder: Path) -> int:
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(where) / name).lstat().st_size
            except OSError:  # deleted meanwhile
                continue
    return total


def _locked(descriptor: int) -> bool:
    """Whether a file could be locked for as long as it is open."""
    try:
        import fcntl
    except ImportError:  # a system without it goes without this protection
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _key(path: Path) -> bytes:
    """Read the key, or make one that nobody else can read."""
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        key = path.read_bytes()
        if len(key) == KEY_BYTES:
            path.chmod(0o600)
            return key
        path.unlink()
        return _key(path)
    key = secrets.token_bytes(KEY_BYTES)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
    return key
