"""What a request's JSON holds, taken field by field; whatever nobody asked for is an error.

A misspelt field that is silently ignored looks like a server that does not obey. So every field is
taken by name with its type, and `end` refuses what is left over and says which it was.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import NoReturn, TypeVar

from aiohttp import web

from server.errors import RequestError
from server.model import Limits
from server.settings import ServerSettings
from streaming.live import display_name

__all__ = ["Body", "body_of", "limits_from", "usual_limits"]

Choice = TypeVar("Choice", bound=str)
Value = TypeVar("Value")
LONGEST_TEXT = 200


class Body:
    """The fields of a JSON object.

    Args:
        plain: As it was read.
        where: What the object is called in messages; "" for the request itself.
    """

    def __init__(self, plain: Mapping[str, object], where: str = "") -> None:
        self._plain = dict(plain)
        self._where = where

    def text(self, name: str, *, longest: int = LONGEST_TEXT, least: int = 1) -> str | None:
        """A text on one line, None where it is not given."""
        value = self._plain.pop(name, None)
        if value is None:
            return None
        if not isinstance(value, str) or not least <= len(value.strip()) <= longest:
            self._refuse(name, value, f"a text of {least} to {longest} characters")
        return display_name(value.strip())

    def texts(self, name: str, *, most: int = 16) -> tuple[str, ...]:
        """Some short texts, none where they are not given."""
        value = self._plain.pop(name, [])
        wanted = f"a list of at most {most} texts"
        if not isinstance(value, list) or len(value) > most:
            self._refuse(name, value, wanted)
        if not all(isinstance(each, str) and len(each) <= LONGEST_TEXT for each in value):
            self._refuse(name, value, wanted)
        return tuple(value)

    def number(self, name: str) -> float | None:
        """A finite number, None where it is not given."""
        value = self._plain.pop(name, None)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e12:
            self._refuse(name, value, "a number")
        return float(value) if math.isfinite(value) else self._refuse(name, value, "a number")

    def whole(self, name: str) -> int | None:
        """A whole number, None where it is not given."""
        value = self.number(name)
        if value is not None and value != int(value):
            self._refuse(name, value, "a whole number")
        return None if value is None else int(value)

    def flag(self, name: str) -> bool | None:
        """True or false, None where it is not given."""
        value = self._plain.pop(name, None)
        if value is not None and not isinstance(value, bool):
            self._refuse(name, value, "true or false")
        return value

    def choice(self, name: str, choices: tuple[Choice, ...]) -> Choice | None:
        """One of several words, None where it is not given."""
        value = self._plain.pop(name, None)
        if value is None:
            return None
        found = next((each for each in choices if each == value), None)
        return found or self._refuse(name, value, f"one of {', '.join(choices)}")

    def part(self, name: str) -> "Body | None":
        """An object inside this one, None where it is not given."""
        value = self._plain.pop(name, None)
        if value is None:
            return None
        if not isinstance(value, dict):
            self._refuse(name, value, "an object")
        return Body(value, self._called(name))

    def needed(self, name: str, value: Value | None) -> Value:
        """A field that must be given.

        Raises:
            RequestError: It is not.
        """
        if value is None:
            raise RequestError(400, f"{self._called(name)} is missing")
        return value

    def end(self) -> None:
        """Refuse what was not asked for.

        Raises:
            RequestError: Something is left over.
        """
        if self._plain:
            names = ", ".join(self._called(display_name(name)[:60]) for name in self._plain)
            raise RequestError(400, f"{names}: no such field here; /openapi.json lists them")

    def _called(self, name: str) -> str:
        return f"{self._where}.{name}" if self._where else name

    def _refuse(self, name: str, value: object, wanted: str) -> NoReturn:
        seen = display_name(json.dumps(value))[:60]
        raise RequestError(400, f"{self._called(name)} is {seen}; wanted {wanted}")


async def body_of(request: web.Request) -> Body:
    """The JSON object that a request carries.

    Raises:
        RequestError: 415 it is not called JSON, 400 it is none, or no object.
    """
    if request.content_type != "application/json":
        raise RequestError(415, f"the body is {request.content_type}; send application/json")
    try:
        plain = json.loads(await request.text())
    except (ValueError, RecursionError, LookupError) as error:
        raise RequestError(400, f"the body is no JSON ({type(error).__name__})") from error
    if not isinstance(plain, dict):
        raise RequestError(400, "the body is no JSON object; send {...}")
    return Body(plain)


def limits_from(body: Body | None, now: Limits) -> Limits:
    """What counts as a loop, with what a request changes of it.

    Args:
        body: What is asked for, perhaps only some of it.
        now: What holds for the rest.
    """
    if body is None:
        return now
    shortest, longest = body.number("min_duration_s"), body.number("max_duration_s")
    seam, loops = body.number("seam"), body.whole("loops")
    body.end()
    return replace(
        now,
        min_duration_s=now.min_duration_s if shortest is None else shortest,
        max_duration_s=now.max_duration_s if longest is None else longest,
        seam=now.seam if seam is None else seam,
        loops=now.loops if loops is None else loops,
    )


def usual_limits(settings: ServerSettings) -> Limits:
    """What counts as a loop where a request does not say."""
    usual = Limits()
    return replace(usual, max_duration_s=min(usual.max_duration_s, settings.ceiling_s))
