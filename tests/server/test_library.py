"""What stays on disk: whole, private, found again, and deleted only when it may be."""

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from server.errors import RequestError
from server.library import Library, confined, expired
from server.loopfacts import LoopFacts
from server.model import SessionFacts
from streaming.errors import SettingsError

THEN = datetime(2026, 1, 1, tzinfo=UTC)
FACTS = SessionFacts("s1", "A name <b>", "demo", THEN.isoformat(), "ended", size=(64, 36))
LOOP = LoopFacts("L1", "loop", "written", 0, 30, 0.0, 1.0, 0.3, title="<img src=x>")


def kept_by(library: Library, facts: SessionFacts) -> SessionFacts:
    library.new_folder(facts.id)
    library.save(facts)
    return facts


def test_only_its_owner_can_read_it(library: Path) -> None:
    made = Library(library)
    assert library.stat().st_mode & 0o777 == 0o700
    assert (library / "key").stat().st_mode & 0o777 == 0o600
    assert (library / "key").read_bytes() == made.key
    assert len(made.key) == 32


def test_the_key_stays_and_is_made_private_again(library: Path) -> None:
    key = Library(library).key
    (library / "key").chmod(0o644)
    assert Library(library).key == key
    assert (library / "key").stat().st_mode & 0o777 == 0o600
    (library / "key").write_bytes(b"cut short")
    assert len(Library(library).key) == 32


def test_two_libraries_have_two_keys(tmp_path: Path) -> None:
    assert Library(tmp_path / "a").key != Library(tmp_path / "b").key


def test_what_is_saved_is_found_again_newest_first(library: Path) -> None:
    made = Library(library)
    old = kept_by(made, replace(FACTS, loops=(LOOP,)))
    later = (THEN + timedelta(days=1)).isoformat()
    new = kept_by(made, replace(FACTS, id="s2", created=later))
    assert Library(library).load() == [new, old]
    assert not list(library.rglob("*.part"))


def test_a_session_that_cannot_be_read_is_left_out_and_left_alone(
    library: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = Library(library)
    good = kept_by(made, FACTS)
    broken = ["{", "[]", '"text"', "{}", json.dumps(FACTS.as_json()), '{"id": 3}', "\udcff"]
    for number, text in enumerate(broken):
        folder = made.new_folder(f"broken{number}")
        (folder / "session.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    wrong_day = replace(FACTS, id="day", created="yesterday")
    kept_by(made, wrong_day)
    made.new_folder("empty")
    with caplog.at_level(logging.WARNING):
        assert made.load() == [good]
    assert len(caplog.records) == len(broken) + 2
    made.expire(THEN + timedelta(days=1000), 14)
    assert (made.folder("broken0") / "session.json").read_text() == "{"


def test_saving_leaves_the_old_whole_when_it_fails(library: Path) -> None:
    made = Library(library)
    kept_by(made, FACTS)
    with pytest.raises(ValueError, match="JSON"):
        made.save(replace(FACTS, time_s=float("nan")))
    assert made.load() == [FACTS]
    assert [each.name for each in made.folder("s1").iterdir()] == ["session.json"]


@pytest.mark.parametrize(
    "sid", ["", ".", "..", "../s1", "a/b", "a\\b", "x" * 65, "a\0", ".s1", "é"]
)
def test_what_is_no_id_never_becomes_a_path(sid: str, library: Path) -> None:
    made = Library(library)
    for ask in (made.folder, made.delete, made.bytes_of, made.new_folder):
        with pytest.raises(RequestError):
            ask(sid)


def test_expiry_takes_the_old_and_leaves_what_was_kept(library: Path) -> None:
    made = Library(library)
    kept_by(made, replace(FACTS, id="old", loops=(LOOP,)))
    kept_by(made, replace(FACTS, id="failed", state="failed"))
    kept_by(made, replace(FACTS, id="kept", loops=(LOOP, replace(LOOP, id="L2", kept=True))))
    kept_by(made, replace(FACTS, id="young", created=(THEN + timedelta(days=10)).isoformat()))
    assert made.expire(THEN + timedelta(days=14), 14) == []
    assert sorted(made.expire(THEN + timedelta(days=14, seconds=1), 14)) == ["failed", "old"]
    assert sorted(each.id for each in made.load()) == ["kept", "young"]
    assert made.expire(THEN + timedelta(days=9999), 0) == [], "0 is never"
    assert made.expire(THEN + timedelta(days=9999), 14) == ["young"]
    assert made.folder("kept").is_dir()


def test_days_without_a_time_zone_are_read_all_the_same() -> None:
    naive = replace(FACTS, created="2026-01-01T00:00:00")
    assert expired(naive, THEN + timedelta(days=20), 14)
    assert not expired(naive, THEN + timedelta(days=5), 14)


def test_deleting_removes_everything_and_twice_is_no_error(library: Path) -> None:
    made = Library(library)
    kept_by(made, FACTS)
    (made.folder("s1") / "result").mkdir()
    (made.folder("s1") / "result" / "loop_0.webm").write_bytes(b"x" * 1000)
    assert made.bytes_of("s1") > 1000
    assert made.disk().used_bytes > 1000
    assert made.disk().free_bytes > 0
    made.delete("s1")
    made.delete("s1")
    assert list((library / "sessions").iterdir()) == []


def test_what_a_killed_deletion_left_is_swept_up(library: Path) -> None:
    made = Library(library)
    (library / "sessions" / ".s1.abcd.gone").mkdir()
    made.expire(THEN, 14)
    assert list((library / "sessions").iterdir()) == []


def test_confined_gives_files_inside_and_nothing_else(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    (inside / "deep").mkdir(parents=True)
    outside.mkdir()
    (inside / "deep" / "a.mp4").touch()
    (outside / "secret").touch()
    (inside / "link").symlink_to(outside / "secret")
    (inside / "away").symlink_to(outside)
    (inside / "near").symlink_to(inside / "deep" / "a.mp4")
    (inside / "round").symlink_to(inside / "round")
    assert confined(inside, "deep/a.mp4") == inside.resolve() / "deep" / "a.mp4"
    assert confined(inside, "near").name == "a.mp4"
    for name in (
        "link", "away/secret", "../out/secret", "deep/../../out/secret", str(outside / "secret"),
        "round", "deep", "", ".", "none", "a\0b", "a.mp4/", "/etc/passwd",
    ):  # fmt: skip
        with pytest.raises(RequestError) as caught:
            confined(inside, name)
        assert caught.value.status == 404, name


def test_a_library_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="--library"):
        Library(tmp_path / "file" / "library")


def test_two_servers_do_not_share_a_library(library: Path) -> None:
    with Library(library).held():
        with pytest.raises(SettingsError, match="another loopmatte"):
            with Library(library).held():
                pass
    with Library(library).held():
        pass
