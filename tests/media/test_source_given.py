"""What may be given as input: names, folders, pictures, URLs, cameras; and what is refused."""

import socket
import threading
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from streaming.errors import InputError
from streaming.frames import Size
from tests.media.films import SMALL, corners_of, number_of, numbered, opened, quarters, read, write

NAMES = [
    "-dash-.mp4",
    "a:b.mp4",
    "http:x.mp4",
    "ü ☃ %03d.mp4",
    "script><img src=x onerror=a(1)>.mp4",
]


def discs(count: int, alpha: int) -> list[Image.Image]:
    """Squares that wander over a ground of the given opacity."""
    film = []
    for number in range(count):
        pixels = np.zeros((48, 64, 4), np.uint8)
        pixels[..., :3], pixels[..., 3] = (20, 90, 160), alpha
        pixels[10:30, 4 * number : 4 * number + 20] = (220, 40, 30, 255)
        film.append(Image.fromarray(pixels))
    return film


def animate(path: Path, film: list[Image.Image]) -> Path:
    rest = film[1:]
    wiped = 2 if path.suffix == ".gif" else 0  # only a GIF's number 2 means "to the background"
    film[0].save(
        path, save_all=True, append_images=rest, loop=0, duration=80, lossless=True, disposal=wiped
    )
    return path


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_only_a_name(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / name, numbered(3))
    assert len(read(path)) == 3
    monkeypatch.chdir(tmp_path)
    with opened(name) as source:
        assert source.info.name == name
        assert len(list(source.frames())) == 3


POINTERS = {
    "list.mp4": "ffconcat version 1.0\nfile 'inner.mp4'\n",
    "list.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\ninner.mp4\n#EXT-X-ENDLIST\n",
    "bom.mp4": "\ufeff#EXTM3U\n#EXTINF:2,\nfile:///etc/hostname\n",
    "late.mp4": "\n" * 100 + "#EXTM3U\n#EXTINF:2,\ninner.mp4\n",
    "talk.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
    "dash.mpd": '<?xml version="1.0"?><MPD><BaseURL>inner.mp4</BaseURL></MPD>',
    "some.txt": "not a video at all\n" * 40,
}


@pytest.mark.parametrize("name", list(POINTERS))
def test_a_file_never_opens_another_one_nor_the_network(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    write(tmp_path / "inner.mp4", numbered(3))
    path = tmp_path / name
    path.write_text(POINTERS[name], encoding="utf-8")
    with pytest.raises(InputError, match=name) as refused:
        read(path)
    assert "\n" not in str(refused.value)
    if name not in ("some.txt", "late.mp4"):
        assert "points at other files" in str(refused.value)


def test_a_reference_inside_a_movie_is_not_followed(tmp_path: Path) -> None:
    inner = write(tmp_path / "inner.mp4", numbered(3))
    path = write(tmp_path / "outer.mov", numbered(3))
    data = bytearray(path.read_bytes())
    entry = data.index(b"url ", data.index(b"dref")) - 4
    data[entry + 8 : entry + 12] = bytes(4)  # no longer "in this file"
    path.write_bytes(data)
    for each in (path, inner):
        try:
            assert len(read(each)) == 3
        except InputError as error:
            assert each is path and str(error)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("nowhere/at all.mp4", "no such file"),
        ("ftp://example.org/a.mp4", "http, https or rtsp"),
        ("file:///etc/hostname", "http, https or rtsp"),
        ("concat://a|b", "http, https or rtsp"),
        ("camera:99", "no such camera"),
        ("camera:front", "number"),
        ("a\0b", "no such file"),
    ],
)
def test_what_is_not_there_is_said_in_one_line(what: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        opened(what)
    assert "\n" not in str(refused.value)


def test_a_url_that_does_not_answer_is_an_input_error() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        with pytest.raises(InputError, match="does not answer") as refused:
            opened(f"http://me:secret@127.0.0.1:{port}/a.mp4")
    assert "secret" not in str(refused.value)


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_a_url_is_read_as_it_comes_and_cannot_reach_local_files(
    tmp_path: Path, served: str
) -> None:
    inner = write(tmp_path / "inner.mkv", numbered(3))
    with opened(f"{served}/inner.mkv") as source:
        assert (source.info.name, source.info.path) == (f"{served}/inner.mkv", None)
        assert source.info.kind == "stream" and not source.info.live
        assert [number_of(each) for each in source.frames()] == [0, 1, 2]
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://{inner}\n#EXT-X-ENDLIST\n"
    (tmp_path / "local.m3u8").write_text(playlist)
    with pytest.raises(InputError):
        read(f"{served}/local.m3u8")


def test_empty_files_sounds_and_devices_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").write_bytes(b"")
    with pytest.raises(InputError, match="empty"):
        opened(tmp_path / "empty.mp4")
    with pytest.raises(InputError, match="neither a file nor a folder"):
        opened("/dev/zero")


def test_a_folder_is_read_as_a_person_would_sort_it(tmp_path: Path) -> None:
    for number, pixels in enumerate(numbered(12)):
        Image.fromarray(pixels).save(tmp_path / f"frame{number}.png")
    (tmp_path / "notes.txt").write_text("no picture")
    with opened(tmp_path) as source:
        frames = list(source.frames())
        assert source.info.kind == "folder"
        assert (source.info.frames, source.info.rate) == (12, Fraction(25))
        assert any("25 frames a second" in each for each in source.notes())
    assert [number_of(each) for each in frames] == list(range(12))
    assert [each.time_s for each in frames] == [Fraction(n, 25) for n in range(12)]
    part = read(tmp_path, start_s=Fraction(1, 10), end_s=Fraction(1, 5))
    assert [number_of(each) for each in part] == [3, 4]


def test_a_folder_takes_its_first_pictures_size_and_leaves_damage_out(tmp_path: Path) -> None:
    Image.fromarray(quarters()).save(tmp_path / "1.png")
    Image.fromarray(np.full((48, 96, 3), 200, np.uint8)).save(tmp_path / "2.png")
    (tmp_path / "3.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    Image.fromarray(quarters()).save(tmp_path / "4.jpg", quality=95)
    with opened(tmp_path) as source:
        frames = list(source.frames())
        notes = " ".join(source.notes())
        assert source.skipped == 1
    assert {each.picture.size for each in frames} == {SMALL}
    assert frames[1].picture.rgb(SMALL)[:, 32, 0].tolist()[::23] == [0, 200, 0]
    assert frames[2].time_s == Fraction(3, 25)
    assert "another size" in notes and "1 damaged frame " in notes


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("nothing here")
    with pytest.raises(InputError, match="no picture in this folder"):
        opened(tmp_path)


def test_a_photograph_is_turned_as_it_was_held(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right to see it
    Image.fromarray(quarters()).save(tmp_path / "held.jpg", quality=95, exif=exif)
    frames = read(tmp_path / "held.jpg")
    assert frames[0].picture.size == Size(48, 64)
    assert corners_of(frames[0].picture.rgb(Size(48, 64))) == "brwg"


@pytest.mark.parametrize("ending", ["webp", "avif", "gif", "png"])
@pytest.mark.parametrize("alpha", [0, 255])
def test_animations_move_and_know_whether_they_have_holes(
    tmp_path: Path, ending: str, alpha: int
) -> None:
    path = animate(tmp_path / f"a.{ending}", discs(6, alpha))
    with opened(path) as source:
        assert source.info.has_alpha == (alpha == 0)
        assert source.info.rate == Fraction(25, 2)
        frames = list(source.frames())
    assert [each.time_s for each in frames] == [Fraction(8 * n, 100) for n in range(6)]
    assert {each.picture.has_alpha for each in frames} == {alpha == 0}
    for number, each in enumerate(frames):
        assert abs(int(each.picture.alpha(SMALL)[40, 60]) - alpha) <= 2
        seen = (each.picture.rgb(SMALL)[..., 0] > 150) & (each.picture.alpha(SMALL) > 128)
        red = np.nonzero(seen[20])[0]
        assert abs(red.min() - 4 * number) <= 1 and abs(red.max() - 4 * number - 19) <= 1


def test_a_bomb_is_refused_by_its_header(tmp_path: Path) -> None:
    Image.new("1", (9000, 8000)).save(tmp_path / "bomb.png")
    with pytest.raises(InputError, match="9000x8000, 72000000 pixels"):
        opened(tmp_path / "bomb.png")


def test_deep_greys_keep_their_range(tmp_path: Path) -> None:
    deep = np.linspace(0, 65535, 64).astype(np.uint16)[None].repeat(48, 0)
    Image.fromarray(deep).save(tmp_path / "deep.png")
    row = read(tmp_path / "deep.png")[0].picture.rgb(SMALL)[5, :, 0]
    assert row[0] == 0 and row[-1] == 255 and abs(int(row[32]) - 129) <= 1
