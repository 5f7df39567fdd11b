"""Real files that break readers: frames with notes, or one clear line.

The numbers are what a decoder gives, frame by frame; a mark says what the user is told of it.
"""

from itertools import pairwise
from pathlib import Path

import pytest

from streaming.errors import InputError
from streaming.frames import Size
from tests.media.films import opened

pytestmark = pytest.mark.clips

READABLE = {
    "-video-with-dash-.mp4": (5, "1x1", ""),
    "amedia_bbb_800x640_768kbps_30fps_avc_2b_firstpts_10_sec.mp4": (120, "1136x640", ""),
    "amedia_iibbibb_editlist_videoonly.mp4": (12, "704x576", ""),
    "amedia_sample-with-large-length.avi": (58, "256x144", ""),
    "amedia_sample_android_slow_motion.mp4": (7, "1280x720", ""),
    "amedia_sample_empty_track.mp4": (30, "1080x720", ""),
    "amedia_sample_last_cluster.mkv": (30, "1080x720", ""),
    "amedia_sample_mdat_too_long.mp4": (30, "1080x720", ""),
    "amedia_sample_partially_fragmented.mp4": (30, "1080x720", ""),
    "amedia_sample_rotate_and_reflect.mp4": (30, "720x1080", "turned left and mirrored"),
    "amedia_sample_vvc.mp4": (120, "320x180", ""),
    "amedia_sample_with_htc_rotation_track_name.mkv": (30, "1080x720", ""),
    "amedia_sample_without_stss.mp4": (30, "1080x720", ""),
    "amedia_water_180_mvhevc_5frames.mov": (5, "1934x2160", ""),
    "derived_faststart_truncated50.mp4": (80, "410x412", "declares 6.76 s (169 frames)"),
    "derived_truncated_alpha.webm": (232, "640x360", "declares 62.83 s"),
    "imagers_anim.webp": (6, "200x200", ""),
    "imagers_issue_1455_undersized.gif": (2, "100x100", ""),
    "imagers_oob.gif": (1, "32x32", ""),
    "interlace_telecined_soft.mkv": (240, "854x480", ""),
    "libwebm_block_ends_beyond_cluster.mkv": (1, "576x432", "cut short"),
    "mediabunny_annex-b.mp4": (6, "1920x1080", "(745 frames)"),
    "mediabunny_edts.mp4": (225, "854x480", ""),
    "mediabunny_rotate-buck-bunny.mp4": (45, "1080x1920", "turned right"),
    "mmaction2_ntu_S001.avi": (103, "1920x1080", ""),
    "moviepy_fire2.mp4": (25, "1280x720", "upside down"),
    "mp4parse_h264_white_frame_sar_16_9.mp4": (1, "1138x480", ""),
    "mp4parse_no_timescale.mp4": (170, "320x240", "12 damaged frames"),
    "mp4parse_video_rotation_90.mp4": (1, "60x100", "turned right"),
    "pillow_delay_zero_denom.png": (2, "128x64", ""),
    "torchcodec_frame_exceeds_screen.gif": (1, "4x4", ""),
    "torchcodec_nasa_13013.mp4": (390, "480x270", ""),
    "torchcodec_sine_stereo_mp2.mpg": (100, "128x128", ""),
    "torchcodec_testsrc2_odd_height_and_width_mpeg2.mp4": (10, "121x81", ""),
    "torchcodec_transparent.gif": (1, "64x48", ""),
}

UNREADABLE = {
    "amedia_black_large.webp": "16000x9000, 144000000 pixels",
    "derived_moovless_truncated60.mp4": "FFmpeg cannot open it",
    "libwebm_fixed_lacing_bad_lace_size.mkv": "no frame could be read",
    "mp4parse_bipbop_cbcs_video_init.mp4": "no frame could be read",
    "mp4parse_invalid_userdata.mp4": "though it declares 5544",
    "mp4parse_test_case_1185230.mp4": "3 damaged ones skipped",
    "mp4parse_zero_empty_stsc.mp4": "though it declares 1040",
    "pillow_syntax_num_frames_zero.png": "cannot be read",
}

HDR = {  # mapping tones takes seconds to prepare; test_source does it once
    "amedia_hdr10-av1.mp4": "720x1280",
    "torchcodec_bt2020_10bit.mp4": "320x240",
    "torchcodec_testsrc2_12bit_hdr.mp4": "320x180",
}

SLOW = {  # read in full by hand, here only their first frames
    "amedia_8k24fps_300ms.mp4": "7680x4320",
    "amedia_long_1080p_lowbitrate.mp4": "1920x1080",
    "amedia_portrait_4k60.mp4": "2160x3840",
    "imageio_cockatoo.mp4": "1280x720",
    "moviepy_smpte-2997.mp4": "1920x1080",
}


@pytest.mark.parametrize("name", list(READABLE))
def test_what_can_be_read_is_read(clips: Path, name: str) -> None:
    count, size, said = READABLE[name]
    with opened(clips / "nasty" / name) as source:
        assert 0 < source.info.rate <= 250
        times, sizes = [], set()
        for frame in source.frames():
            times.append(frame.time_s)
            sizes.add(frame.picture.size)
        notes = " ".join(source.notes())
    assert (len(times), *map(str, sizes)) == (count, size)
    assert all(later > earlier for earlier, later in pairwise(times))
    assert said in notes and bool(said) == bool(notes)


@pytest.mark.parametrize("name", list(UNREADABLE))
def test_what_cannot_be_read_is_one_clear_line(clips: Path, name: str) -> None:
    with pytest.raises(InputError) as refused:
        with opened(clips / "nasty" / name) as source:
            list(source.frames())
    assert str(refused.value).startswith(f"{name}: ")
    assert UNREADABLE[name] in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", list(SLOW))
def test_the_large_ones_open(clips: Path, name: str) -> None:
    with opened(clips / "nasty" / name) as source:
        frame = next(source.frames())
        assert str(frame.picture.size) == str(source.info.size) == SLOW[name]
        assert frame.picture.rgb(Size(64, 48)).shape == (48, 64, 3)


@pytest.mark.parametrize("name", list(HDR))
def test_the_bright_ones_open(clips: Path, name: str) -> None:
    with opened(clips / "nasty" / name) as source:
        assert str(source.info.size) == HDR[name]


def test_every_nasty_file_is_in_one_of_the_lists(clips: Path) -> None:
    known = {*READABLE, *UNREADABLE, *SLOW, *HDR}
    assert {each.name for each in (clips / "nasty").iterdir()} == known


def test_avi_without_display_times_has_a_constant_rate(clips: Path) -> None:
    with opened(clips / "nasty" / "mmaction2_ntu_S001.avi") as source:
        steps = {frame.duration_s for frame in source.frames()}
        assert steps == {1 / source.info.rate}
        assert source.notes() == []


def test_known_alpha_is_known(clips: Path) -> None:
    for name, count in (("dancer.webm", 900), ("fluentanim_1f3c3.webp", 72)):
        with opened(clips / "alpha" / name) as source:
            assert source.info.has_alpha and source.info.frames == count
            alpha = next(source.frames()).picture.alpha(Size(64, 36))
            assert alpha.min() == 0 and alpha.max() > 200
