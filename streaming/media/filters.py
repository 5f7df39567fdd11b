"""FFmpeg's filters as a chain: one picture in, one out.

Times do not go through the filters. Some change the clock, and every chain here gives as many
frames as it takes, in their order, so whoever pushes remembers the times itself.
"""

from collections.abc import Sequence
from fractions import Fraction

import av
from av.filter import Graph

from streaming.frames import Size

__all__ = ["GRAPH_CLOCK", "chain", "filtered"]

GRAPH_CLOCK = Fraction(1, 1_000_000)  # not used by anyone; a filter wants one


def filtered(frame: av.VideoFrame, *filters: str) -> av.VideoFrame:
    """Send one frame through filters that hold nothing back, such as `pad=64:64`."""
    graph = chain(frame.format.name, Size(frame.width, frame.height), filters)
    frame.pts, frame.time_base = 0, GRAPH_CLOCK
    graph.vpush(frame)
    return graph.vpull()


def chain(format: str, size: Size, filters: Sequence[str]) -> Graph:
    """Build a graph of filters in a row, ready for `vpush` and `vpull`.

    Args:
        format: FFmpeg's name of the pixel format that will come.
        size: The size that will come.
        filters: Each as FFmpeg writes it, `name=arguments`.
    """
    graph = Graph()
    graph.threads = 1
    nodes = [
        graph.add_buffer(
            width=size.width,
            height=size.height,
            format=av.VideoFormat(format),
            time_base=GRAPH_CLOCK,
        )
    ]
    for each in filters:
        name, _, arguments = each.partition("=")
        nodes.append(graph.add(name, arguments or None))
    nodes.append(graph.add("buffersink"))
    graph.link_nodes(*nodes).configure()
    return graph
