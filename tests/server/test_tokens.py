"""Tokens and cookies: what is accepted is what this server made, for this port, not long ago."""

from pathlib import Path

import pytest

from server.tokens import COOKIE_DAYS, Cookies, make_token, read_token, same
from streaming.errors import SettingsError

NOW = 1_800_000_000.0
DAY = 86400
COOKIES = Cookies(b"a" * 32)


def test_tokens_are_long_and_never_the_same() -> None:
    tokens = {make_token() for _ in range(50)}
    assert len(tokens) == 50
    assert min(map(len, tokens)) >= 43


def test_secrets_are_compared_whole() -> None:
    assert same("abc", "abc")
    for other in ("", "ab", "abcd", "abC", "ab\udcff"):
        assert not same(other, "abc")


def test_a_cookie_is_good_for_its_port_and_its_days() -> None:
    value = COOKIES.issue(8080, NOW)
    assert COOKIES.accept(value, 8080, NOW)
    assert COOKIES.accept(value, 8080, NOW + (COOKIE_DAYS - 1) * DAY)
    assert not COOKIES.accept(value, 8080, NOW + (COOKIE_DAYS + 1) * DAY)
    assert not COOKIES.accept(value, 8081, NOW)
    assert not Cookies(b"b" * 32).accept(value, 8080, NOW)
    assert Cookies(b"a" * 32).accept(value, 8080, NOW), "the key is all that counts"


def test_a_cookie_of_a_clock_that_ran_ahead_is_not_good_for_ever() -> None:
    assert not COOKIES.accept(COOKIES.issue(8080, NOW + 400 * DAY), 8080, NOW)


@pytest.mark.parametrize("change", ["", ".", "a.b.c", "1.1800000000.00", "1..", "\udcff.é"])
def test_what_was_not_issued_is_refused(change: str) -> None:
    assert not COOKIES.accept(change, 8080, NOW)


def test_every_character_of_a_cookie_counts() -> None:
    value = COOKIES.issue(8080, NOW)
    for place, char in enumerate(value):
        other = "0" if char != "0" else "1"
        assert not COOKIES.accept(value[:place] + other + value[place + 1 :], 8080, NOW)


def test_a_token_can_be_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("0123456789abcdef\n")
    assert read_token(tmp_path / "token") == "0123456789abcdef"


@pytest.mark.parametrize("text", ["", "short", "sixteen with spaces", "ä" * 20])
def test_a_token_that_can_be_guessed_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(text, "utf-8")
    with pytest.raises(SettingsError, match="--token-file"):
        read_token(tmp_path / "token")


def test_a_token_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="--token-file"):
        read_token(tmp_path / "none")
