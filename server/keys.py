"""What belongs to a running application, by name: `app[SESSIONS]` is typed, a string is not."""

import asyncio

from aiohttp import web

from server.library import Library
from server.sessions import Sessions
from server.settings import ServerSettings
from server.uploads import Uploads

__all__ = ["LIBRARY", "SESSIONS", "SETTINGS", "STREAMS", "UPLOADS"]

SETTINGS = web.AppKey("settings", ServerSettings)
LIBRARY = web.AppKey("library", Library)
SESSIONS = web.AppKey("sessions", Sessions)
UPLOADS = web.AppKey("uploads", Uploads)
STREAMS = web.AppKey("streams", set[asyncio.Task[object]])  # answers without an end
