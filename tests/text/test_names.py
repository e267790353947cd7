"""A name on a Japanese parcel begins with the family name; any other writing is left alone."""

import pytest

from ecsync.text.names import family_first


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("みなと 高槻", "高槻 みなと"),
        ("さくら\u3000髙橋", "髙橋 さくら"),
        ("ﾐﾅﾄ ﾀｶﾂｷ", "ﾀｶﾂｷ ﾐﾅﾄ"),
        ("健 𠮷田", "𠮷田 健"),
        ("Robin Example", "Robin Example"),
        ("Robin 高槻", "Robin 高槻"),
        ("高槻みなと", "高槻みなと"),
        ("株式会社 例 営業部", "株式会社 例 営業部"),
        ("", ""),
    ],
)
def test_two_parts_in_japanese_change_places(written: str, label: str) -> None:
    assert family_first(written) == label


def test_turned_twice_it_is_what_was_written() -> None:
    assert family_first(family_first("みなと 高槻")) == "みなと 高槻"
