import json

import pytest

from streaming.errors import SettingsError
from streaming.exports.targets import TARGETS, Pixels, Target, target_called, target_json
from streaming.frames import Size


def test_every_row_has_its_own_name_and_says_where_it_was_read() -> None:
    names = [each.name for each in TARGETS]
    assert len(set(names)) == len(names)
    for each in TARGETS:
        assert each.source and each.read and each.place
        assert target_called(each.name) is each
        assert json.loads(json.dumps(target_json(each)))["most_bytes"] == each.most_bytes


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=r"fax: no such target.*telegram-sticker"):
        target_called("fax")


@pytest.mark.parametrize(
    ("pixels", "good", "bad"),
    [
        (Pixels("exact", 100, 100), Size(100, 100), Size(100, 99)),
        (Pixels("side", 512), Size(300, 512), Size(511, 300)),
        (Pixels("box", 320, 270, 270), Size(200, 270), Size(321, 200)),
        (Pixels("box", 320, 270, 270), Size(270, 10), Size(269, 269)),
    ],
)
def test_pixel_rules_tell_good_from_bad(pixels: Pixels, good: Size, bad: Size) -> None:
    assert not pixels.fault(good)
    assert str(bad) in pixels.fault(bad) and str(pixels) in pixels.fault(bad)


def test_a_still_is_only_wanted_where_somebody_shows_it() -> None:
    stills: list[Target] = [each for each in TARGETS if each.still]
    assert {each.name for each in stills} == {"whatsapp-sticker", "line-sticker"}
