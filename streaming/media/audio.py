"""The source's sound, carried into a file that is being written.

The source is opened a second time for its sound alone, and read as far as the pictures have come,
so that an hour of sound is never held and the file stays interleaved. Packets are copied where the
container takes the codec, which costs nothing and loses nothing; else they are decoded and encoded
again. Sound is an extra: where it cannot be read any further the pictures go on without it, with a
warning. A live source is not opened twice, so it has none.
"""

import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import av
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer

from streaming.errors import InputError
from streaming.media.opening import address_of, open_container

__all__ = ["MP4_SOUND", "WEBM_SOUND", "Sound", "SoundRules", "open_sound"]

log = logging.getLogger(__name__)

LEAD_IN_S = Fraction(1, 20)  # sound before the start that a decoder needs to get going


@dataclass(frozen=True, slots=True)
class SoundRules:
    """What a container takes.

    Attributes:
        copied: Codecs whose packets it takes as they are.
        encoder: What everything else is encoded with.
        rate_hz: Sample rate of that encoding.
        lead_in: Whether packets may lie before time 0, to be decoded and not heard.
    """

    copied: frozenset[str]
    encoder: str
    rate_hz: int
    lead_in: bool


MP4_SOUND = SoundRules(
    frozenset({"aac", "mp3", "ac3", "eac3", "opus", "alac", "flac"}), "aac", 48_000, lead_in=True
)
WEBM_SOUND = SoundRules(frozenset({"opus", "vorbis"}), "libopus", 48_000, lead_in=False)


class Carrier(Protocol):
    """Brings sound into one container as its pictures advance."""

    def until(self, time_s: Fraction) -> None:
        """Write the sound up to this time of the file."""
        ...

    def end(self, end_s: Fraction) -> None:
        """Write the rest, up to the file's end."""
        ...


class Sound:
    """The sound of a source, from one moment on; read once.

    Args:
        source: The open source.
        zero_s: Time of the source that is 0 in the written file.
    """

    def __init__(self, source: InputContainer, zero_s: Fraction) -> None:
        self._source = source
        self._zero_s = zero_s
        self.stream = source.streams.audio[0]

    def into(self, container: OutputContainer, rules: SoundRules) -> Carrier:
        """Add a stream for this sound to a container that is not written to yet."""
        if self.stream.codec_context.codec.canonical_name in rules.copied:
            return _Copied(self, container, rules)
        return _Encoded(self, container, rules)

    def packets(self) -> Iterator[av.Packet]:
        """Its packets in order, the last one empty; damage ends them with a warning."""
        try:
            if self._zero_s > 1:
                self._source.seek(int((self._zero_s - 1) * av.time_base))
            yield from self._source.demux(self.stream)
        except (OSError, av.FFmpegError) as error:
            log.warning("the sound ends early: %s", error)

    def time_of(self, ticks: int, base: Fraction) -> Fraction:
        """Time in the written file of a time stamp of the source."""
        return ticks * base - self._zero_s


@contextlib.contextmanager
def open_sound(what: str, *, zero_s: Fraction) -> Iterator[Sound | None]:
    """Open the sound of a source, where it has some that can be read.

    Args:
        what: A path, or an http or https address.
        zero_s: Time of the source, as its own time stamps count, that is to be 0 in the file.

    Yields:
        The sound, to be read once; None where there is none.
    """
    source = _opened(what)
    if source is None:
        yield None
        return
    with source:
        yield Sound(source, zero_s) if source.streams.audio else None


def _opened(what: str) -> InputContainer | None:
    """Open a file or a web address behind the same guard as the pictures."""
    try:
        address = address_of(what)
        if address.kind == "file" or what.startswith(("http://", "https://")):
            return open_container(address)
    except InputError as error:
        log.warning("the sound is left out: %s", error)
    return None


class _Copied:
    """Copies packets, with their times moved."""

    def __init__(self, sound: Sound, container: OutputContainer, rules: SoundRules) -> None:
        self._sound, self._container = sound, container
        self._earliest_s = -LEAD_IN_S if rules.lead_in else Fraction(0)
        self._stream = container.add_stream_from_template(sound.stream)
        self._packets = sound.packets()
        self._waiting: av.Packet | None = None

    def until(self, time_s: Fraction) -> None:
        while (packet := self._waiting or next(self._packets, None)) is not None:
            self._waiting = None
            stamp = packet.dts if packet.pts is None else packet.pts  # AVI may state dts only
            if stamp is None or not packet.size:
                continue
            start_s = self._sound.time_of(stamp, packet.time_base)
            if start_s >= time_s:
                self._waiting = packet
                return
            if start_s >= self._earliest_s:
                self._earliest_s = start_s + packet.time_base / 2  # muxers refuse to go backwards
                self._write(packet, start_s)

    def end(self, end_s: Fraction) -> None:
        self.until(end_s)

    def _write(self, packet: av.Packet, start_s: Fraction) -> None:
        packet.pts = packet.dts = round(start_s / packet.time_base)
        packet.stream = self._stream
        self._container.mux(packet)


class _Encoded:
    """Decodes and encodes again, for codecs that the container does not take."""

    def __init__(self, sound: Sound, container: OutputContainer, rules: SoundRules) -> None:
        self._sound, self._container = sound, container
        layout = "mono" if sound.stream.codec_context.channels == 1 else "stereo"
        stream = container.add_stream(rules.encoder, rate=rules.rate_hz, layout=layout)
        assert isinstance(stream, AudioStream)  # the name of an encoder for sound was given
        self._stream = stream
        stream.codec_context.open(strict=False)
        self._base = Fraction(1, rules.rate_hz)
        self._fit = AudioResampler(
            stream.codec_context.format,
            layout,
            rules.rate_hz,
            frame_size=stream.codec_context.frame_size or None,
        )
        self._frames = self._decoded()
        self._waiting: av.AudioFrame | None = None

    def until(self, time_s: Fraction) -> None:
        while (frame := self._waiting or next(self._frames, None)) is not None:
            self._waiting = None
            start_s = self._sound.time_of(frame.pts or 0, frame.time_base or self._base)
            if start_s >= time_s:
                self._waiting = frame
                return
            if start_s >= 0:
                self._encode(frame, start_s)

    def end(self, end_s: Fraction) -> None:
        self.until(end_s)
        for fitted in self._fit.resample(None):
            self._container.mux(self._stream.encode(fitted))
        self._container.mux(self._stream.encode(None))

    def _encode(self, frame: av.AudioFrame, start_s: Fraction) -> None:
        frame.pts, frame.time_base = round(start_s / self._base), self._base
        for fitted in self._fit.resample(frame):
            self._container.mux(self._stream.encode(fitted))

    def _decoded(self) -> Iterator[av.AudioFrame]:
        for packet in self._sound.packets():
            try:
                yield from self._sound.stream.decode(packet)
            except (OSError, av.FFmpegError) as error:
                log.warning("a damaged piece of sound is left out: %s", error)
