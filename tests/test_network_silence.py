"""A run on a local file with cached weights opens no connection and starts no program.

A spy sits in a process of its own: Python's audit events tell of every socket, name look-up and
child process that Python code asks for, and what libraries open below Python shows as a socket
among the process's open files, which are looked at after every event of the run.
"""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from streaming.demo import demo_frame
from streaming.settings import MattingSettings
from tests.commands import begun, ended
from tests.runs import clip_of, play

SPY = """
import json, os, sys

heard = []
WATCHED = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "urllib.")

def hear(event, arguments):
    if event.startswith(WATCHED):
        heard.append(event)

def look():
    for name in os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else ():
        try:
            what = os.readlink("/proc/self/fd/" + name)
        except OSError:
            continue
        if what.startswith("socket:"):
            heard.append("an open " + what.partition("[")[0])

sys.addaudithook(hear)
planted, clip, folder = sys.argv[1:]
if planted == "something":
    import _socket
    descriptor = _socket.socket().detach()
    heard.clear()
    import socket
    try:
        socket.create_connection(("127.0.0.1", 9), timeout=1)
    except OSError:
        pass
    import subprocess
    subprocess.run([sys.executable, "-c", ""])

from pathlib import Path
from streaming.matting.weights import default_cache
from streaming.pipeline import run
from streaming.settings import MattingSettings, OutputSettings, RunSettings

output = OutputSettings(output=Path(folder))
matting = MattingSettings(quality="fast")
for event in run(RunSettings(clip, default_cache(), matting=matting, output=output)):
    look()
    last = type(event).__name__
print(json.dumps({
    "heard": heard,
    "last": last,
    "telemetry": sys.modules.get("openvino_telemetry", "absent") not in (None, "absent"),
    "modules": [name for name in ("openvino", "torch", "torchvision") if name in sys.modules],
}))
"""


@pytest.fixture(scope="module")
def clip(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip whose network was converted and cached before."""
    folder = tmp_path_factory.mktemp("clip")
    path = clip_of(folder / "clip.mp4", (demo_frame(index)[::2, ::2] for index in range(8)))
    play(path, folder / "warm", matting=MattingSettings(quality="fast"))
    return path


def spied(clip: Path, folder: Path, planted: str = "nothing") -> dict[str, Any]:
    over = ended(begun([sys.executable, "-c", SPY, planted, str(clip), str(folder)]))
    assert over.code == 0, over.err
    told: dict[str, Any] = json.loads(over.out)
    return told


@pytest.fixture(scope="module")
def told(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return spied(clip, tmp_path_factory.mktemp("told") / "out")


def test_a_run_opens_no_connection_and_starts_nothing(told: dict[str, Any]) -> None:
    assert told["last"] == "Done"
    assert told["heard"] == []
    assert not told["telemetry"]


def test_a_warm_run_on_a_cpu_needs_no_torch(told: dict[str, Any]) -> None:
    if "openvino" not in told["modules"]:
        pytest.skip("this machine has an accelerator, which torch runs")
    assert told["modules"] == ["openvino"]


def test_the_spy_hears_what_is_planted(clip: Path, tmp_path: Path) -> None:
    heard = spied(clip, tmp_path / "out", "something")["heard"]
    assert {"an open socket:", "socket.connect", "subprocess.Popen"} <= set(heard)
