"""The web face of the engine: the only home of asyncio, aiohttp and aiortc.

A request never computes: pipelines, encoders and pictures run on threads of their own, and what
they tell crosses to the event loop in one place (`session.py`). Values that cross a border of this
package are the frozen ones of `model.py`.
"""
