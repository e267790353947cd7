"""Where in a Japanese address the building begins: behind its house number, and not behind 二条 of 二条通."""

from __future__ import annotations

import re
from typing import Final

# One sign for one, so that places in the plain form are places in the address.
_PLAIN: Final = {
    **{0xFF10 + digit: str(digit) for digit in range(10)},
    **{0xFF21 + letter: chr(0x41 + letter) for letter in range(26)},
    **dict.fromkeys(map(ord, "‐‑‒–—―−－ｰ"), "-"),
    ord("\u3000"): " ",
    ord("ー"): "-",
}

_DIGITS: Final = r"[0-9]+"
_KANJI: Final = "〇一二三四五六七八九十百千"
_BETWEEN: Final = " ,，、"
_OWN_ROOM: Final = "室館棟"  # 3号室 and 2番館 are parts of a building
_COUNTER: Final = (
    rf"(?:丁目|丁(?!目)|番地|番(?![{_OWN_ROOM}街町丁屋])|号(?![{_OWN_ROOM}線])|地割|線(?=[東西南北0-9]|\s|$))"
)
_PART: Final = (
    rf"(?:{_DIGITS}(?:条|{_COUNTER})?"
    rf"|[{_KANJI}]+(?:条(?=[東西南北0-9{_KANJI}]|\s|$)|{_COUNTER}|[のノ之-][{_KANJI}]+))"
)
_AND: Final = r"(?:[-のノ之])?"
_NUMBER: Final = re.compile(
    rf"第?{_PART}(?:(?:(?<!号)|(?=[-のノ之])){_AND}{_PART}|-[A-Z]?{_DIGITS}|[のノ之-][{_KANJI}]+|地?[甲乙丙丁](?![^\s0-9]))*"
    r"(?:(?:内|先|地先|付近)(?=\s|$))?"
)
# After 2丁目 a number goes on with the address, after 1-2-3 it is a room.
_WAITS: Final = re.compile(r"(?:丁目?|条|線|地割)$")
# A house number that is one whole: what follows is no further part of the town.
_IS_WHOLE: Final = re.compile(r"番|号|[0-9]-[A-Z]?[0-9]")
# 1-2-3階: the last number is the building's, and so nothing is sure.
_OF_A_FLOOR: Final = re.compile("[階室棟館号]|番(?![町丁])")
_ROOM_OR_MORE: Final = re.compile(r"\s*[0-9]")
_TOWN_GOES_ON: Final = re.compile(
    rf"[町丁市区村郡通城殿字]|番[町丁]|大字|小字|[東西南北](?:[0-9{_KANJI}])|.*(?:上る|下る|入る|上ル|下ル|入ル|東入|西入)"
    rf"|\S.*(?:[0-9{_KANJI}](?:丁目|番地|番(?![{_OWN_ROOM}街町丁屋])|号(?![{_OWN_ROOM}線]))|大字)"
    rf"|\s.*[0-9{_KANJI}](?:丁目|番地)"
)


def building_in(address: str) -> tuple[int, int]:
    """Return where the house number ends and where the building behind it begins; its length where there is none."""
    plain = address.translate(_PLAIN)
    for number in _NUMBER.finditer(plain):
        end = number.end()
        rest = plain[end:]
        start = end + len(rest) - len(rest.lstrip(_BETWEEN))
        if start == len(plain) or _OF_A_FLOOR.match(rest):
            break
        if _ROOM_OR_MORE.match(rest) and _WAITS.search(number.group()):
            continue
        if _IS_WHOLE.search(number.group()) or not _TOWN_GOES_ON.match(rest):
            return end, start
    return len(address), len(address)
