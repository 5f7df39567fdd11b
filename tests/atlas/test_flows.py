"""Matches, nudges, gains and maps, each against what is known."""

import cv2
import numpy as np

from streaming.atlas.exposure import exposures
from streaming.atlas.flows import Match, dis, matches
from streaming.atlas.light import lights
from streaming.atlas.model import F32, LIGHT_PX, Pair, nodes_for
from streaming.atlas.nudge import nudges
from streaming.atlas.solve import Anchor, regridded, solved
from streaming.atlas.splat import Glance, views
from streaming.atlas.system import texels_at
from streaming.atlas.warps import followed
from streaming.frames import Rect, Size
from tests.atlas.scene import Motion, Scene, node_places, texture

SIZE = Size(160, 120)


def test_each_layer_is_followed_by_itself() -> None:
    scene = Scene(motion=Motion(9.0, 0.0, 0.0, 12.0, 0.0))
    ((front, back),) = matches(scene.footage(), (Pair(0, 1),), dis())
    for found, at in ((front, scene.uv_front), (back, scene.uv_back)):
        off = np.hypot(*(at(0, found.here) - at(1, found.there)).T)
        assert len(off) > 20 and np.median(off) < 0.3


def test_an_outline_that_is_wrong_in_one_frame_leads_nobody_astray() -> None:
    """For one frame a corner of what is behind a plain sail counts to it, as mattes have it."""
    scene = Scene(motion=Motion(9.0, 0.0, 0.0, 12.0, 0.0))
    mean = scene.front.mean((0, 1))
    scene.front = np.asarray(mean + 0.12 * (scene.front - mean), np.float32)
    clip = scene.footage()
    corner = np.array([[80, 25], [114, 95], [6, 95]], np.int32)
    cv2.fillConvexPoly(clip.mattes[0, 1], corner, 255)
    ((front, _),) = matches(clip, (Pair(0, 1),), dis())
    off = np.hypot(*(scene.uv_front(0, front.here) - scene.uv_front(1, front.there)).T)
    assert len(off) > 100 and np.average(off, weights=front.weight) < 0.4


def test_maps_take_the_way_that_matches_say() -> None:
    noise = np.random.default_rng(1)
    here = noise.uniform(5, 110, (400, 2)).astype(np.float32)
    found = [
        Match(Pair(t, t + 1), here, here + np.array((3, 1), np.float32), np.ones(400, np.float32))
        for t in range(3)
    ]
    wrong = noise.uniform(0, 110, (60, 2)).astype(np.float32)
    found.append(
        Match(Pair(0, 1), wrong, wrong + np.array((-9, 14), np.float32), np.ones(60, np.float32))
    )
    start = np.repeat(node_places(SIZE, 8)[None], 4, axis=0)
    made = solved(start, 8, SIZE, found, reference=0)
    led = texels_at(made[3], 8, np.array([[60, 60]], np.float32))
    assert np.abs(led - (60 - 9, 60 - 3)).max() < 0.15
    assert np.array_equal(made[0], start[0])


def test_an_anchor_holds_a_frame_that_nothing_else_does() -> None:
    start = np.repeat(node_places(SIZE, 8)[None], 2, axis=0)
    here = np.random.default_rng(2).uniform(20, 100, (200, 2)).astype(np.float32)
    anchor = Anchor(1, here, here + np.array((0, 2), np.float32), np.ones(200, np.float32))
    made = solved(start, 8, SIZE, [], [anchor], reference=None)
    assert np.abs(texels_at(made[1], 8, here) - here - (0, 2)).max() < 0.1
    assert np.array_equal(made[0], start[0])


def test_a_plain_motion_is_found_among_limbs() -> None:
    noise = np.random.default_rng(3)
    here = noise.uniform(0, 110, (300, 2)).astype(np.float32)
    turn = cv2.getRotationMatrix2D((60, 60), 3, 1.02)
    there = (here @ turn[:, :2].T + turn[:, 2]).astype(np.float32)
    there[:90] += noise.normal(0, 9, (90, 2))
    found = [Match(Pair(0, 1), here, there, np.ones(300, np.float32))]
    _, second = followed(found, 2, 0, flat=False)
    back = cv2.perspectiveTransform(there[None, 90:].astype(np.float64), second)[0]
    assert np.abs(back - here[90:]).max() < 0.2


def test_grids_of_another_spacing_say_the_same() -> None:
    assert np.abs(regridded(node_places(SIZE, 32)[None], 32, 8, SIZE)[0, 2:-2, 2:-2]
                  - node_places(SIZE, 8)[2:-2, 2:-2]).max() < 0.6  # fmt: skip


def test_a_nudge_sees_its_layer_alone() -> None:
    """Beside the layer everything stands still, and pulls at nothing."""
    picture = texture(SIZE, 5, np.array([0.5, 0.5, 0.5], np.float32))
    share = np.zeros((120, 160), np.float32)
    share[:, :50] = 1
    moved = cv2.warpAffine(picture, np.array([[1, 0, 0.7], [0, 1, -0.4]], np.float32), (160, 120),
                           flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)  # fmt: skip
    wanted = np.where(share[..., None] > 0, moved, picture).astype(np.float32)
    gone, sure = nudges(picture, wanted, share)
    rim = gone[20:100, 42:48]
    assert np.abs(rim - (0.7, -0.4)).mean() < 0.1 and sure[60, 45] > 0.5 and sure[60, 120] == 0


def test_gains_are_what_the_light_is() -> None:
    picture: F32 = texture(SIZE, 6, np.array([0.4, 0.4, 0.4], np.float32))
    slope = np.linspace(0.8, 1.2, 160, dtype=np.float32)[None, :, None]
    share = np.ones((120, 160), np.float32)
    share[:, 100:] = 0
    even = np.ones((*nodes_for(SIZE, LIGHT_PX), 3), np.float32)
    made = lights(picture * slope, picture, share, 0.9 * even, SIZE, Rect.whole(SIZE))
    at = (np.arange(made.shape[1]) - 0.5) * 16 - 0.5
    inside = (at > 5) & (at < 95)
    assert np.abs(made[4, inside, 0] - (0.8 + 0.4 * at / 159)[inside]).max() < 0.02
    hidden = (at > 110) & (at < 159)  # goes on as it is beside it
    assert np.abs(made[4, hidden, 0] - 1.05).max() < 0.08


def test_the_light_of_whole_frames_is_told_from_what_few_of_them_show() -> None:
    """Places that a swaying foreground uncovers are seen in bright frames, or in dark ones."""
    scene = Scene(motion=Motion(sway_px=14, pan_px=10, light=0.3))
    fit, footage = scene.truth(), scene.footage()
    back = fit.layers[1]
    seen = views(back.uv, back.spacing_px, SIZE, scene.atlas_size)

    def glance(frame: int) -> Glance:
        near = cv2.dilate(footage.mattes[0, frame], np.ones((5, 5), np.uint8))
        own = footage.frames[frame].astype(np.float32) / 255
        return Glance(Rect.whole(SIZE), own, (near == 0).astype(np.float32))

    made = exposures(seen, glance, SIZE, scene.atlas_size)
    off = np.log(made / back.light)
    assert np.abs(np.log(back.light)).max() > 0.2
    assert (off - off.mean(axis=0)).std() < 0.01
