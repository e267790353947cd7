"""A file in UTF-8 is never taken for the cp932 that is declared, whatever its header shows."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsync.errors import FileRefusedError
from ecsync.mapping.model_file import InboundFile
from ecsync.mapping.scan import scan
from ecsync.mapping.utf8_witness import Utf8Witness

CP932 = InboundFile(encoding="cp932")
SIGNS = "東京都港区芝公園大阪府北海道札幌市珈琲豆白色陶器髙橋佐藤あいうえおアイウエオー〜①㈱"


def seen(content: bytes, file: InboundFile = CP932, block: int = 7) -> bool:
    witness = Utf8Witness(file)
    for at in range(0, len(content), block):
        witness.look(content[at : at + block])
    return witness.says_utf8


@pytest.mark.parametrize("text", ["カレー", "code,name\r\nA-1,珈琲豆\r\n", "東京"])
def test_japanese_in_utf_8_is_seen_in_blocks_of_any_size(text: str) -> None:
    for block in (1, 2, 3, 1000):
        assert seen(text.encode(), block=block), block
        assert not seen(text.encode("cp932"), block=block), block


@pytest.mark.parametrize("text", ["", "code,quantity\r\nA-1,3\r\n", "ﾂｱﾃﾞ", "é"])
def test_what_may_be_either_stays_as_declared(text: str) -> None:
    assert not seen(text.encode("cp932", errors="ignore"))


def test_only_where_another_encoding_is_declared() -> None:
    assert not seen("珈琲豆".encode(), InboundFile(encoding="utf-8"))
    assert seen("珈琲豆".encode(), InboundFile(encoding="euc_jp"))


@given(st.text(st.sampled_from(SIGNS), min_size=4))
def test_japanese_text_of_cp932_is_never_refused(text: str) -> None:
    assert not seen(text.encode("cp932", errors="ignore"))


def test_the_file_is_refused_with_both_encodings_named(tmp_path: Path) -> None:
    path = tmp_path / "quantity.csv"
    path.write_bytes("code,name\r\nA-1,珈琲豆\r\n".encode())
    with pytest.raises(FileRefusedError) as caught:
        scan(path, CP932)
    assert caught.value.reason == "encoding_other"
    assert caught.value.params == {"found": "utf-8", "encoding": "cp932"}
