"""`loopmatte serve` as a process: one link, a quiet log, an end in time, whole files."""

import datetime
import http.client
import json
import os
import signal
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from server.settings import ServerSettings
from streaming.cli import main
from streaming.errors import SettingsError
from tests.commands import begun, command, loopmatte
from tests.server.servers import small_clip

END_S = 10


class Served:
    """A server in a process of its own.

    Attributes:
        process: It.
        link: What it printed.
    """

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        self.process = process
        self.link = process.stdout.readline().strip()
        assert "?token=" in self.link, process.communicate()
        self.origin, _, self.token = self.link.partition("/?token=")

    def get(self, path: str, **headers: str) -> http.client.HTTPResponse:
        """Ask with the token."""
        headers = {"Authorization": f"Bearer {self.token}", **headers}
        asked = urllib.request.Request(self.origin + path, headers=headers)
        answer: http.client.HTTPResponse = urllib.request.urlopen(asked, timeout=20)
        return answer

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str, str, float]:
        """Send a signal; give the exit code, what was printed, and how long the end took."""
        begun_at = time.monotonic()
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=2 * END_S)
        return self.process.returncode, out, err, time.monotonic() - begun_at


@contextmanager
def served(library: Path, *flags: str | Path) -> Iterator[Served]:
    process = begun(command("serve", "--port", "0", "--library", library, *flags))
    with process:
        try:
            yield Served(process)
        finally:
            process.kill()


def test_one_link_a_log_without_secrets_and_an_end_in_time(library: Path) -> None:
    with served(library, "--verbose") as site:
        assert json.load(site.get("/api/server?token=" + site.token))["demo"] is True
        stream = site.get("/api/events")
        assert stream.readline() == b"retry: 1000\n"
        code, out, err, took_s = site.end()
        stream.close()
    assert (code, out) == (0, "")
    assert took_s < END_S
    assert "GET /api/server 200" in err
    assert "stopping" in err
    assert site.token not in err
    assert "Traceback" not in err


HANGS = """
import asyncio, sys, threading, server.serving, server.sessions
server.serving.END_S = 1.0
def ever():
    threading.Event().wait()
async def close(self):
    if sys.argv[1] == "close": await asyncio.sleep(99)
    if sys.argv[1] == "thread": threading.Thread(target=ever).start()
server.sessions.Sessions.close = close
server.serving.warm = lambda cache: ever() if sys.argv[1] == "warm" else None
from streaming.cli import main
sys.exit(main(sys.argv[2:]))
"""


def ended_hanging(what: str, library: Path) -> tuple[int, str, str, float]:
    """How a server ends of which one thing does not."""
    flags = ["serve", "--port", "0", "--library", str(library)]
    process = begun([command()[0], "-c", HANGS, what, *flags])
    with process:
        return Served(process).end()


@pytest.mark.parametrize("what", ["close", "thread"])
def test_what_hangs_is_told_where_and_ended(what: str, library: Path) -> None:
    code, _, err, took_s = ended_hanging(what, library)
    assert (code, "Timeout" in err) == (1, True)
    assert took_s < END_S


def test_an_engine_that_is_still_being_loaded_is_not_waited_for(library: Path) -> None:
    code, _, err, took_s = ended_hanging("warm", library)
    assert (code, "Timeout" in err) == (0, False)
    assert took_s < END_S


def test_ctrl_c_while_a_session_runs_leaves_it_in_the_library(
    library: Path, tmp_path: Path
) -> None:
    small_clip(tmp_path / "clip.webm")
    with served(library, "--media", tmp_path) as site:
        source = {"kind": "media", "name": "clip.webm"}
        body = json.dumps({"source": source, "matte": "source"}).encode()
        headers = {"Authorization": f"Bearer {site.token}", "Content-Type": "application/json"}
        asked = urllib.request.Request(site.origin + "/api/sessions", data=body, headers=headers)
        with urllib.request.urlopen(asked, timeout=60) as answer:
            sid = json.load(answer)["id"]
        code, _, err, took_s = site.end(signal.SIGINT)
    assert code == 0, err
    assert took_s < END_S
    folder = library / "sessions" / sid
    assert json.loads((folder / "session.json").read_text())["id"] == sid
    assert not list(library.rglob("*.part*"))


def test_a_library_or_port_that_is_taken_is_told(library: Path, tmp_path: Path) -> None:
    with served(library) as site:
        same = loopmatte("serve", "--port", "0", "--library", library)
        assert (same.code, same.out) == (2, "")
        assert "another loopmatte" in same.err
        port = site.origin.rpartition(":")[2]
        other = loopmatte("serve", "--port", port, "--library", tmp_path / "other")
        assert (other.code, other.out) == (2, "")
        assert "give another --port" in other.err


def certified(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key, made on the spot."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    cert, private = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return cert, private


def test_https_gives_a_cookie_for_https_only(library: Path, tmp_path: Path) -> None:
    cert, key = certified(tmp_path)
    with served(library, "--tls-cert", cert, "--tls-key", key) as site:
        assert site.origin.startswith("https://127.0.0.1:")
        context = ssl._create_unverified_context()
        port = int(site.origin.rpartition(":")[2])
        client = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=20)
        client.request("GET", f"/?token={site.token}")
        answer = client.getresponse()
        assert answer.status == 303
        assert "Secure" in str(answer.getheader("Set-Cookie"))
        client.close()


@pytest.mark.parametrize(
    ("flags", "wanted"),
    [
        (("--port", "70000"), "--port 70000"),
        (("--tls-cert", "x.pem"), "both or neither"),
        (("--tls-cert", "no.pem", "--tls-key", "no.pem"), "as PEM"),
        (("--allow-origin", "friend.example"), "give it as https://name:port"),
        (("--allow-origin", "https://friend.example/"), "give it as https://name:port"),
        (("--max-sessions", "0"), "--max-sessions 0: give at least 1"),
        (("--expire-days", "-1"), "--expire-days -1"),
        (("--ceiling", "0"), "--ceiling 0"),
        (("--token-file", "/none"), "--token-file"),
        (("--host", "198.51.100.7", "--port", "0"), "--host 198.51.100.7"),
    ],
)
def test_settings_that_cannot_be_are_told_before_anything_starts(
    flags: tuple[str, ...], wanted: str, library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--library", str(library), *flags]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert wanted in printed.err


def test_every_setting_has_its_flag_and_those_for_several_are_collected(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    with pytest.raises(SystemExit) as caught:
        main(["serve", "--help"])
    assert caught.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    for each in fields(ServerSettings):
        flag = each.metadata["flag"] or "--" + each.name.replace("_", "-")
        assert f" {flag} " in shown, flag
        assert each.metadata["help"] in shown


def test_help_of_serve_loads_no_codec_and_no_web_library() -> None:
    words = "import sys; from streaming.cli import main\ntry: main(['serve', '--help'])\n"
    words += (
        "except SystemExit: print([m for m in ('av', 'aiohttp', 'aiortc') if m in sys.modules])"
    )
    ended = subprocess.run(
        [command()[0], "-c", words], capture_output=True, text=True, check=True, env=os.environ
    )
    assert ended.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("host", "only_here"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("lan", False)],
)
def test_who_can_connect_is_known(host: str, only_here: bool, tmp_path: Path) -> None:
    assert ServerSettings(tmp_path, tmp_path, host=host).only_here is only_here
    with pytest.raises(SettingsError):
        ServerSettings(tmp_path, tmp_path, host=host, preview_px=1)


def test_a_link_for_other_machines_is_printed_too_and_works(library: Path) -> None:
    with served(library, "--host", "0.0.0.0") as site:
        assert site.origin.startswith("http://127.0.0.1:")
        assert json.load(site.get("/healthz")) == {"ok": True}
        _, out, err, _ = site.end()
    for line in out.splitlines():
        assert line.endswith(f"?token={site.token}")
    assert "other machines can connect" in err
