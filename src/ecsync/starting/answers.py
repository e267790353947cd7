"""What somebody who starts a project tells about the shop, from flags or from questions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import ZoneInfo

from ecsync.errors import UsageError
from ecsync.locale import _
from ecsync.starting.parts import part_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Products = Literal["core", "own"]

# One word a place: who ships (a 3PL, or the shop itself with the labels of a carrier), where the books are, who keeps
# the product master.
CARRIERS: Final = part_names("carrier_")  # whose labels a shop prints itself
WAREHOUSES: Final = (*part_names("warehouse_"), *CARRIERS)
ACCOUNTING: Final = (*part_names("accounting_"), "none")
PLATFORMS: Final = part_names("shop_")

ZONE: Final = ZoneInfo("Asia/Tokyo")
_SHOP_ID: Final = re.compile(r"[^\s:\"\\][^:\"\\]{0,59}|")
_SFTP: Final = re.compile(
    r"(?P<endpoint>[a-z0-9_-]+)=(?P<user>[^@\s]+)@(?P<host>[^@:\s]+)(?::(?P<port>\d{1,5}))?"
)


@dataclass(frozen=True)
class ShopAnswer:
    """One shop on one platform.

    `shop_id` is its number in the mall's files, or the name of its location where the platform has these; '' where
    none is told.
    """

    platform: str
    shop_id: str = ""


@dataclass(frozen=True)
class SftpAnswer:
    """Where a partner's SFTP server is."""

    host: str
    user: str
    port: int = 22


@dataclass(frozen=True)
class Answers:
    """All that a project is made from. `cutover` is an aware time; `sftp` by endpoint, the rest are folders."""

    name: str
    shops: tuple[ShopAnswer, ...]
    warehouse: str
    accounting: str
    products: Products
    cutover: datetime
    language: Literal["ja", "en"] = "ja"
    sftp: Mapping[str, SftpAnswer] = field(default_factory=dict)

    @property
    def channels(self) -> tuple[tuple[str, ShopAnswer], ...]:
        """Return every shop with the name of its channel: the platform's, numbered."""
        counts: dict[str, int] = {}
        named = []
        for shop in self.shops:
            counts[shop.platform] = counts.get(shop.platform, 0) + 1
            named.append((f"{shop.platform}{counts[shop.platform]}", shop))
        return tuple(named)


def shop_answer(text: str) -> ShopAnswer:
    """Read `rakuten:000001` or `shopify`; raise UsageError where there is no such platform."""
    platform, _sep, shop_id = text.strip().partition(":")
    return ShopAnswer(chosen(platform, PLATFORMS, "--shop"), _shop_id(shop_id))


def shop_answers(text: str) -> tuple[ShopAnswer, ...]:
    """Read shops with commas between them; raise UsageError where one is named twice."""
    shops = tuple(shop_answer(word) for word in text.replace("、", ",").split(",") if word.strip())
    if len(set(shops)) < len(shops):
        raise UsageError(_("a shop is named twice"), hint="--shop rakuten:000001 --shop rakuten:000002")
    return shops


def _shop_id(text: str) -> str:
    if not _SHOP_ID.fullmatch(text):
        raise UsageError(_("{given} is no shop number").format(given=text), hint="--shop rakuten:000001")
    return text


def chosen(word: str, words: Sequence[str], flag: str) -> str:
    """Return the word where it is one of `words`, written with - or _; raise UsageError naming them otherwise."""
    folded = word.strip().lower().replace("-", "_")
    if folded not in words:
        raise UsageError(
            _("{flag} {given} is not known; there are: {known}").format(
                flag=flag, given=word, known=", ".join(words)
            )
        )
    return folded


def sftp_answer(text: str) -> tuple[str, SftpAnswer]:
    """Read `rakuten1=user@host:22`: the endpoint and its server. Raises UsageError."""
    found = _SFTP.fullmatch(text.strip())
    if found is None:
        raise UsageError(
            _("--sftp {given} is not PARTNER=USER@HOST").format(given=text),
            hint="--sftp warehouse=minato@files.example.jp:22",
        )
    return found["endpoint"], SftpAnswer(found["host"], found["user"], int(found["port"] or 22))


def cutover_answer(text: str, now: datetime, oldest: datetime | None) -> datetime:
    """Read `now`, `export` (the day of its oldest open order) or a day or time; raise UsageError otherwise."""
    word = text.strip().lower()
    if word == "now" or (word == "export" and oldest is None):
        return now.astimezone(ZONE).replace(microsecond=0)
    if word == "export" and oldest is not None:
        return oldest.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        given = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(
            _("--cutover {given} is no day").format(given=text), hint="--cutover now | export | 2026-11-17"
        ) from None
    return given.replace(tzinfo=ZONE) if given.tzinfo is None else given.astimezone(ZONE)


def utc_moment(text: str) -> datetime:
    """Return the aware time of a UTC text."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
