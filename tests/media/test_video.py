"""Ordinary videos and their sound, written and decoded again."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from streaming.frames import U8, Patch, Rect, Size
from streaming.media.alpha import probe_webm, read_rgba
from streaming.media.audio import open_sound
from streaming.media.composite import foreground, over
from streaming.media.picture import AvPicture
from streaming.media.planes import copied, plane
from streaming.media.video import VideoWriter
from streaming.media.webm import LoopWriter
from tests.media.figures import END, UNEVEN, natural, orbit, psnr, soft_disc

RATE_HZ = 48_000
BEEP_S = Fraction(3, 2)  # when the sound of the made source begins
RED = np.array([200, 30, 40], np.uint8)


def beeping(path: Path, codec: str, seconds: int = 3) -> Path:
    """A source that is silent until BEEP_S, then loud, with a flash in its picture."""
    samples = np.arange(RATE_HZ * seconds)
    wave = np.where(samples >= float(BEEP_S) * RATE_HZ, np.sin(samples * 0.3) * 20_000, 0)
    with av.open(str(path), "w") as into:
        sound = into.add_stream(codec, rate=RATE_HZ, layout="mono")
        resampler = av.AudioResampler(
            sound.codec_context.format, "mono", RATE_HZ, frame_size=sound.frame_size or 1024
        )
        frame = av.AudioFrame.from_ndarray(wave.astype(np.int16)[None], "s16", "mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, 0, Fraction(1, RATE_HZ)
        for fitted in [*resampler.resample(frame), *resampler.resample(None)]:
            into.mux(sound.encode(fitted))
        into.mux(sound.encode(None))
    return path


def heard(path: Path) -> tuple[float, float]:
    """When the sound of a file begins to be loud, and when it ends, in seconds."""
    begins, ends = -1.0, 0.0
    with av.open(str(path)) as source:
        for frame in source.decode(audio=0):
            wave = frame.to_ndarray().astype(np.float64)
            channels = frame.layout.nb_channels
            wave = wave.reshape(-1, channels)[:, 0] if wave.shape[0] == 1 else wave[0]
            loud = np.abs(wave) > np.abs(wave).max() * 0.5
            if begins < 0 and np.abs(wave).max() > (0.2 if wave.max() <= 2 else 6000):
                begins = frame.time + float(loud.argmax()) / frame.sample_rate
            ends = frame.time + frame.samples / frame.sample_rate
    return begins, ends


def decoded(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as source:
        return list(source.decode(video=0))


@pytest.mark.parametrize("size", [Size(64, 48), Size(65, 47)])
def test_frames_and_times_come_back(tmp_path: Path, size: Size) -> None:
    frames = [natural(size, seed) for seed in range(len(UNEVEN))]
    with VideoWriter(tmp_path / "v.mp4", size=size) as writer:
        for rgb, time_s in zip(frames, UNEVEN, strict=True):
            writer.write(rgb, time_s)
        writer.close(END)
    assert list(tmp_path.iterdir()) == [tmp_path / "v.mp4"]
    seen = decoded(tmp_path / "v.mp4")
    assert [each.pts * each.time_base for each in seen] == UNEVEN
    for each, rgb in zip(seen, frames, strict=True):
        assert (each.width, each.height) == (64 + 2 * (size.width % 2), 48)
        luma = plane(each, 0)[: size.height, : size.width]
        wanted = 16 + rgb @ np.array([0.2126, 0.7152, 0.0722]) * 219 / 255
        assert psnr(luma, wanted.round().astype(np.uint8)) > 38
    with av.open(str(tmp_path / "v.mp4")) as source:
        assert abs(Fraction(source.duration, av.time_base) - END) <= Fraction(1, 1000)
        context = source.streams.video[0].codec_context
        assert (context.colorspace, context.color_primaries, context.color_range) == (1, 1, 1)
        assert not source.streams.audio


@pytest.mark.parametrize("rate", [24, 25, 30, 60, Fraction(24000, 1001), Fraction(60000, 1001)])
def test_usual_rates_are_kept_exactly(tmp_path: Path, rate: Fraction) -> None:
    grey = np.full((32, 32), 100, np.uint8)
    with VideoWriter(tmp_path / "v.mp4", size=Size(32, 32)) as writer:
        for index in range(5):
            writer.write(grey, index / Fraction(rate))
        writer.close(5 / Fraction(rate))
    assert [each.pts * each.time_base for each in decoded(tmp_path / "v.mp4")] == [
        index / Fraction(rate) for index in range(5)
    ]


def test_grey_comes_back_as_the_matte(tmp_path: Path) -> None:
    alpha = soft_disc(Size(64, 64), (30, 30), 15, RED)[..., 3]
    with VideoWriter(tmp_path / "v.mp4", size=Size(64, 64)) as writer:
        writer.write(alpha, Fraction(0))
        writer.close(Fraction(1))
    rgb = decoded(tmp_path / "v.mp4")[0].to_ndarray(format="gray")
    assert np.abs(rgb.astype(int) - alpha).mean() <= 1.5


@pytest.mark.parametrize(
    ("name", "codec", "kept"),
    [
        ("a.mp4", "aac", "aac"),
        ("a.mkv", "libmp3lame", "mp3"),
        ("a.mkv", "libopus", "opus"),
        ("a.mkv", "pcm_s16le", "aac"),
        ("a.mkv", "mp2", "aac"),
    ],
)
def test_sound_is_kept_in_sync(tmp_path: Path, name: str, codec: str, kept: str) -> None:
    source = beeping(tmp_path / name, codec)
    for zero_s in (Fraction(0), Fraction(5, 4)):
        path = tmp_path / f"from {float(zero_s)}.mp4"
        with open_sound(str(source), zero_s=zero_s) as sound:
            with VideoWriter(path, size=Size(32, 32), sound=sound) as writer:
                for index in range(16):
                    writer.write(np.full((32, 32), index, np.uint8), Fraction(index, 10))
                writer.close(Fraction(8, 5))
        begins, ends = heard(path)
        assert begins == pytest.approx(float(BEEP_S - zero_s), abs=0.03)
        assert ends == pytest.approx(1.6, abs=0.06)
        with av.open(str(path)) as made:
            assert made.streams.audio[0].codec_context.codec.canonical_name == kept
            assert made.streams.video[0].start_time == 0


@pytest.mark.parametrize("codec", ["libopus", "aac"])
@pytest.mark.parametrize("zero_s", [Fraction(0), Fraction(5, 4)])
def test_a_transparent_clip_keeps_sound_too(tmp_path: Path, codec: str, zero_s: Fraction) -> None:
    source = beeping(tmp_path / "a.mkv", codec)
    path = tmp_path / "v.webm"
    times = [Fraction(index, 10) for index in range(16)]
    with open_sound(str(source), zero_s=zero_s) as sound:
        with LoopWriter(path, size=Size(64, 64), sound=sound) as writer:
            for rgba, time_s in zip(orbit(Size(64, 64), 16, RED), times, strict=True):
                writer.write(rgba, time_s)
            writer.close(Fraction(8, 5))
    begins, ends = heard(path)
    assert begins == pytest.approx(float(BEEP_S - zero_s), abs=0.03)
    assert ends == pytest.approx(1.6, abs=0.06)
    assert [each.time_s for each in read_rgba(path)] == times
    facts = probe_webm(path)
    assert facts.has_audio and facts.has_alpha


def test_sound_that_is_not_there(tmp_path: Path) -> None:
    grey = np.full((32, 32), 9, np.uint8)
    with VideoWriter(tmp_path / "silent.mp4", size=Size(32, 32)) as writer:
        writer.write(grey, Fraction(0))
        writer.close(Fraction(1))
    (tmp_path / "list.mp4").write_text(f"ffconcat version 1.0\nfile {tmp_path / 'silent.mp4'}\n")
    for name in ("silent.mp4", "list.mp4", "missing.mp4"):
        with open_sound(str(tmp_path / name), zero_s=Fraction(0)) as sound:
            assert sound is None


def test_damaged_sound_does_not_stop_the_pictures(tmp_path: Path) -> None:
    source = beeping(tmp_path / "a.mkv", "mp2")
    whole = source.read_bytes()
    noise = np.random.default_rng(1).integers(0, 256, 2000, np.uint8).tobytes()
    source.write_bytes(whole[: len(whole) // 2] + noise + whole[len(whole) // 2 + 2000 :])
    with open_sound(str(source), zero_s=Fraction(0)) as sound:
        with VideoWriter(tmp_path / "v.mp4", size=Size(32, 32), sound=sound) as writer:
            for index in range(30):
                writer.write(np.full((32, 32), index, np.uint8), Fraction(index, 10))
            writer.close(Fraction(3))
    assert len(decoded(tmp_path / "v.mp4")) == 30


def test_a_video_that_was_not_closed_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), VideoWriter(tmp_path / "v.mp4", size=Size(32, 32)) as writer:
        writer.write(np.zeros((32, 32, 3), np.uint8), Fraction(0))
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_over_is_exact() -> None:
    dice = np.random.default_rng(5)
    rgba = dice.integers(0, 256, (40, 50, 4), np.uint8)
    rgba[:10, :, 3], rgba[:, :7, 3], rgba[20:25, 10:30, 3] = 0, 0, 255
    behind = dice.integers(0, 256, (40, 50, 3), np.uint8)
    alpha = rgba[..., 3:] / 255
    exact = rgba[..., :3] * alpha + behind * (1 - alpha)
    before = behind.copy()
    assert np.abs(over(rgba, behind) - exact).max() <= 0.51
    assert (behind == before).all()
    assert (over(np.zeros_like(rgba), behind) == behind).all()


def test_the_foreground_has_no_old_background() -> None:
    flat = np.array([100, 100, 100], np.uint8)
    made: U8 = foreground(Patch.of(soft_disc(Size(96, 96), (48, 48), 20, RED)), flat)
    assert made[..., 1].max() <= 101  # the disc stands on pure green
    assert (made[48, 48] == RED).all()
    assert (made[0, 0] == flat).all()


@pytest.mark.parametrize("size", [Size(96, 80), Size(97, 61)])
def test_a_subject_laid_over_backgrounds_is_what_compositing_gives(
    tmp_path: Path, size: Size
) -> None:
    disc = soft_disc(size, (50, 31), 20, RED)
    rect = Rect(27, 9, 75, 54)
    subject = Patch(disc[rect.slices()], rect, size)
    nothing = Patch(np.zeros((0, 0, 4), np.uint8), Rect(0, 0, 0, 0), size)
    green, blue = (np.full((size.height, size.width, 3), c, np.uint8) for c in ((0, 177, 64), 90))
    shots = [(subject, green), (subject, green), (nothing, green), (subject, blue)]
    laid, written = (VideoWriter(tmp_path / name, size=size, crf=4) for name in ("l.mp4", "w.mp4"))
    with laid, written:
        for index, (front, behind) in enumerate(shots):
            laid.lay(front, behind, Fraction(index, 24))
            written.write(over(front.whole(), behind), Fraction(index, 24))
        with pytest.raises(ValueError, match="among frames of"):
            laid.lay(Patch.of(np.zeros((9, 9, 4), np.uint8)), green, Fraction(9))
        laid.close(Fraction(4, 24))
        written.close(Fraction(4, 24))
    seen, wanted = (_decoded(tmp_path / name, size) for name in ("l.mp4", "w.mp4"))
    assert len(seen) == len(wanted) == len(shots)
    for each, other in zip(seen, wanted, strict=True):
        assert np.abs(each.astype(int) - other).mean() <= 0.25


def _decoded(path: Path, size: Size) -> list[U8]:
    with av.open(str(path)) as file:
        return [AvPicture(copied(each, size)).rgb(size) for each in file.decode(video=0)]
