"""The live server, as somebody in front of a camera feels it.

Sender, server and viewer share the machine's cores, so beside each number stands what the server
itself used. Delays are read from the picture: the camera writes each frame's number into its
pixels, and the viewer reads it from the source's tile.
"""

import asyncio
import itertools
import json
import statistics
import time
from dataclasses import dataclass

import aiohttp

from streaming.frames import Size
from tests.benchmarks.measuring import row, title
from tests.benchmarks.serving import Cost, Server, served
from tests.server.peers import Camera, Peer, Watching

SETTLE_S, MEASURE_S, SLOW_S = 6.0, 24.0, 60.0
SESSIONS = 3
FPS = 30


@dataclass(frozen=True, slots=True)
class Seen:
    """What a viewer saw within a while."""

    fps: float
    ages_ms: tuple[float, ...]
    replaced_ms: tuple[float, ...]
    cores: float
    memory_mb: float

    def age_ms(self, share: float) -> float:
        return sorted(self.ages_ms)[int(share * (len(self.ages_ms) - 1))]


async def watch(server: Server, camera: Camera, watching: Watching, seconds: float) -> Seen:
    """Measure what a viewer sees of a camera, once it has settled."""
    await asyncio.sleep(SETTLE_S)
    first, before = len(watching.seen), server.cost()
    await asyncio.sleep(seconds)
    seen, after = watching.seen[first:], server.cost()
    lasted = after.at_s - before.at_s
    sent = [(camera.sent[number], when) for number, when in seen if number in camera.sent]
    return Seen(
        fps=len(seen) / lasted,
        ages_ms=tuple(1000 * (when - at) for at, when in sent),
        replaced_ms=tuple(1000 * (later - at) for (at, _), (_, later) in itertools.pairwise(sent)),
        cores=(after.cpu_s - before.cpu_s) / lasted,
        memory_mb=after.memory_mb,
    )


async def glass_to_glass(size: Size, limits: tuple[float, float, float], fps: int = FPS) -> None:
    async with served() as server, server.client() as http:
        camera, watching = Camera(size, fps), Watching(size.width)
        door = f"/whip?width={size.width}&height={size.height}&rate={fps}"
        async with Peer(http, door) as sender:
            sid = await sender.send(camera)
            async with Peer(http, f"/whep/{sid}") as viewer:
                await viewer.watch(watching)
                seen = await watch(server, camera, watching, MEASURE_S)
    title(f"camera {size} at {fps} fps -> matte, a peer watches")
    row("p50", f"{seen.age_ms(0.5):.0f} ms", f"<= {limits[0]:.0f} ms")
    if limits[1]:
        row("p95", f"{seen.age_ms(0.95):.0f} ms", f"<= {limits[1]:.0f} ms")
    row("pictures a second", f"{seen.fps:.1f}", f">= {limits[2]:.0f}")
    row("the server's own share", f"{seen.cores:.2f} cores")


async def slowed() -> None:
    """A network that takes half a second: how old is what is shown?"""
    async with served(slowed_s=0.5) as server, server.client() as http:
        camera, watching = Camera(Size(640, 480), FPS), Watching()
        async with Peer(http, "/whip?width=640&height=480&rate=30") as sender:
            sid = await sender.send(camera)
            async with Peer(http, f"/whep/{sid}") as viewer:
                await viewer.watch(watching)
                await asyncio.sleep(SETTLE_S)
                before = server.cost()
                seen = await watch(server, camera, watching, SLOW_S - SETTLE_S)
    title("a network slowed to 2 fps for 60 s")
    row("age when first shown, p95", f"{seen.age_ms(0.95) / 1000:.2f} s", "<= 0.8 s")
    late = sorted(seen.replaced_ms)[int(0.95 * (len(seen.replaced_ms) - 1))] / 1000
    row("age when replaced, p95", f"{late:.2f} s", "<= 1.4 s")
    row("memory, end against beginning", f"{seen.memory_mb / before.memory_mb:.3f} x", "flat")


async def written(size: Size, limit: str) -> None:
    """From the word that a loop is found to the word that its file is there.

    The same motion is told once in a while only, so each loop has a session of its own.
    """
    delays = []
    async with served() as server, server.client() as http:
        door = f"/whip?width={size.width}&height={size.height}&rate={FPS}"
        for _ in range(SESSIONS):
            async with Peer(http, door) as sender:
                sid = await sender.send(Camera(size, FPS))
                delays.append(await asyncio.wait_for(_delay(http, sid), 90))
    row(
        f"loop found -> in the gallery, {size}, median of {len(delays)}",
        f"{statistics.median(delays):.2f} s (worst {max(delays):.2f})",
        limit,
    )


async def _delay(http: aiohttp.ClientSession, sid: str) -> float:
    found: dict[str, float] = {}
    kind = ""
    async with http.get(f"/api/sessions/{sid}/events", timeout=None) as events:
        async for line in events.content:
            if line.startswith(b"event:"):
                kind = line[6:].strip().decode()
            elif line.startswith(b"data:") and kind == "loop":
                loop = json.loads(line[5:])
                if loop["state"] == "found":
                    found.setdefault(loop["id"], time.monotonic())
                elif loop["state"] == "written" and loop["id"] in found:
                    return time.monotonic() - found[loop["id"]]
    raise RuntimeError("the session ended before its first loop was there")


async def four_viewers() -> None:
    """Four who watch one session: what each gets, and what they take from it."""
    size = Size(640, 360)
    async with served() as server, server.client() as http:
        camera = Camera(size, FPS)
        async with Peer(http, "/whip?width=640&height=360&rate=30") as sender:
            sid = await sender.send(camera)
            alone = await _processed(server, http, sid)
            viewers = [Peer(http, f"/whep/{sid}") for _ in range(4)]
            counts = []
            for viewer in viewers:
                counts.append(await viewer.count())
            before = [each.frames for each in counts]
            together = await _processed(server, http, sid)
            fps = [
                (each.frames - early) / MEASURE_S
                for each, early in zip(counts, before, strict=True)
            ]
            for viewer in viewers:
                await viewer.close()
    title("four viewers of one 640x360 session, counting without decoding")
    row("the slowest viewer", f"{min(fps):.1f} fps", ">= 20")
    row("processing against nobody watching", f"{together / max(alone, 0.1):.2f} x", ">= 0.9 x")


async def _processed(server: Server, http: aiohttp.ClientSession, sid: str) -> float:
    """Frames that the session processes in a second."""
    await asyncio.sleep(SETTLE_S)
    begun = await _frames(http, sid)
    await asyncio.sleep(MEASURE_S)
    return (await _frames(http, sid) - begun) / MEASURE_S


async def _frames(http: aiohttp.ClientSession, sid: str) -> int:
    async with http.get(f"/api/sessions/{sid}") as answer:
        return int((await answer.json())["numbers"]["frames"])


def main() -> None:
    asyncio.run(_all())


async def _all() -> None:
    await glass_to_glass(Size(640, 480), (150, 250, 25))
    await glass_to_glass(Size(1280, 720), (200, 0, 15))
    await slowed()
    title("from found to written")
    await written(Size(1280, 720), "<= 4 s")
    await written(Size(640, 360), "<= 2 s")
    await four_viewers()


def leak(before: Cost, after: Cost) -> str:
    """What is left of something that should have left nothing."""
    return (
        f"threads {before.threads} -> {after.threads}, files {before.files} -> {after.files}, "
        f"memory {after.memory_mb / before.memory_mb:.3f} x"
    )


if __name__ == "__main__":
    main()
