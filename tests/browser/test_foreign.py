"""WHIP and WHEP for clients that know the standards and nothing of this program."""

import pytest
from playwright.sync_api import Browser, Route

from tests.browser.eyes import Eyes
from tests.browser.foreign import clients
from tests.browser.live import Live

PUBLISH = """async (token) => {
  const { WHIPClient } = await import("/theirs/whip.js");
  const stream = await navigator.mediaDevices.getUserMedia({ video: true });
  const peer = new RTCPeerConnection();
  peer.addTransceiver(stream.getVideoTracks()[0], { direction: "sendonly", streams: [stream] });
  window.whip = new WHIPClient();
  await whip.publish(peer, new URL("/whip?name=Theirs", location.href), token);
}"""

# Resolves with the size of the picture and how many different ones were shown.
VIEW = """async ([sid, token]) => {
  const { WHEPClient } = await import("/theirs/whep.js");
  const peer = new RTCPeerConnection();
  peer.addTransceiver("video", { direction: "recvonly" });
  const video = document.createElement("video");
  Object.assign(video, { muted: true, autoplay: true });
  document.body.append(video);
  peer.addEventListener("track", ({ track }) => { video.srcObject = new MediaStream([track]); });
  window.whep = new WHEPClient();
  await whep.view(peer, new URL(`/whep/${sid}`, location.href), token);
  let shown = 0;
  await new Promise((resolve) => {
    const next = () => video.requestVideoFrameCallback(() => {
      shown += 1;
      if (shown < 8) next();
      else resolve();
    });
    next();
  });
  return [video.videoWidth, video.videoHeight];
}"""


@pytest.fixture(scope="module")
def browser(seeing: Browser) -> Browser:
    return seeing


@pytest.mark.timeout(240)
def test_clients_of_others_send_and_watch_and_take_their_leave(live: Live, eyes: Eyes) -> None:
    modules = clients()

    def theirs(route: Route) -> None:
        name = route.request.url.rpartition("/")[2]
        route.fulfill(body=modules[name], content_type="text/javascript")

    context = eyes.context(camera=True)
    context.route("**/theirs/*", theirs)
    context.route("**/blank", lambda route: route.fulfill(body="<!doctype html><p>Theirs"))
    page = context.new_page()
    page.goto(f"{live.origin}/blank")
    token = live.link.partition("?token=")[2]
    page.evaluate(PUBLISH, token)
    facts = live.until(live.all()[0]["id"], lambda facts: facts["state"] == "running")
    assert (facts["name"], facts["kind"]) == ("Theirs", "whip")
    wide, tall = page.evaluate(VIEW, [facts["id"], token])
    width, height = facts["size"]
    assert (wide, tall) == (width, 2 * height + 32 + height // 2)
    live.until(facts["id"], lambda facts: facts["numbers"]["viewers"] == 1)
    page.evaluate("whep.stop()")
    live.until(facts["id"], lambda facts: facts["numbers"]["viewers"] == 0)
    page.evaluate("whip.stop()")
    live.until(facts["id"], lambda facts: facts["state"] == "ended")
