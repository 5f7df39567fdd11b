// Sends this browser's camera to the server over WHIP, the door that OBS uses too.

import { gathered } from "./whep.js";

const CONNECTS_WITHIN_MS = 8000;
const LARGEST_BITS = 4_000_000;

// Resolves with {sid, stop} once connected. `lost(words)` is called if it breaks off later.
export async function publish({ api, stream, name, iceServers, lost }) {
  const peer = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
  const [track] = stream.getVideoTracks();
  track.contentHint = "motion"; // rather a coarser picture than a late one
  const sending = peer.addTransceiver(track, { direction: "sendonly", streams: [stream], sendEncodings: [{ maxBitrate: LARGEST_BITS }] });
  sending.setCodecPreferences?.(vp8First());
  let place = null;
  let over = false;
  const stop = () => {
    if (over) return;
    over = true;
    if (place) api.end(place);
    peer.close();
  };
  try {
    await peer.setLocalDescription();
    await gathered(peer);
    const answer = await api.whip({ name, ...shape(track.getSettings()) }, peer.localDescription.sdp);
    place = answer.place;
    await peer.setRemoteDescription({ type: "answer", sdp: answer.sdp });
    await connected(peer);
  } catch (error) {
    stop();
    throw error;
  }
  peer.addEventListener("connectionstatechange", () => {
    if (over || !["failed", "closed"].includes(peer.connectionState)) return;
    stop();
    lost("The connection that carried the camera's picture broke off.");
  });
  return { sid: decodeURIComponent(place.split("/").pop()), stop };
}

// What will come, so that the server need not wait for the first frame to know.
function shape({ width, height, frameRate }) {
  return width && height ? { width, height, rate: Math.max(2, Math.round(frameRate || 30)) } : {};
}

function vp8First() {
  const all = RTCRtpReceiver.getCapabilities("video").codecs;
  const isVp8 = (codec) => codec.mimeType.toLowerCase() === "video/vp8";
  return [...all.filter(isVp8), ...all.filter((codec) => !isVp8(codec))];
}

function connected(peer) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("The camera's picture did not reach the server within eight seconds: its UDP packets did not get through, probably for a firewall.")), CONNECTS_WITHIN_MS);
    const look = () => {
      if (peer.connectionState === "connected") { clearTimeout(timer); resolve(); }
    };
    peer.addEventListener("connectionstatechange", look);
    look();
  });
}
