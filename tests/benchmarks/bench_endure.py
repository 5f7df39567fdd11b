"""Ten minutes of a camera: does the server's memory stay where it is?"""

import asyncio
import statistics

from streaming.frames import Size
from tests.benchmarks.measuring import row, title
from tests.benchmarks.serving import Server, served
from tests.server.peers import Camera, Peer, Watching

MINUTES = 10
EVERY_S = 5.0


def main() -> None:
    asyncio.run(_watch())


async def _watch() -> None:
    async with served() as server, server.client() as http:
        camera, watching = Camera(Size(640, 480), 30), Watching()
        async with Peer(http, "/whip?width=640&height=480&rate=30") as sender:
            sid = await sender.send(camera)
            async with Peer(http, f"/whep/{sid}") as viewer:
                await viewer.watch(watching)
                minutes = []
                for _ in range(MINUTES):
                    minutes.append(await _minute(server, watching))
    title(f"{MINUTES} minutes of a camera, 640x480 at 30 fps, one viewer")
    row("memory minute by minute, MB", " ".join(f"{each:.0f}" for each in minutes))
    row("the last against the third", f"{minutes[-1] / minutes[2]:.3f} x", "within 3 %")


async def _minute(server: Server, watching: Watching) -> float:
    readings = []
    for _ in range(round(60 / EVERY_S)):
        await asyncio.sleep(EVERY_S)
        readings.append(server.cost().memory_mb)
        watching.seen.clear()
    return statistics.median(readings)


if __name__ == "__main__":
    main()
