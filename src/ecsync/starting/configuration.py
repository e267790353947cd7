"""Answers become the text of an ecsync.toml."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecsync.errors import UsageError
from ecsync.locale import _
from ecsync.starting.answers import CARRIERS
from ecsync.starting.parts import part, quoted

if TYPE_CHECKING:
    from ecsync.starting.answers import Answers, ShopAnswer

_TITLES: Final = {
    "ja": {
        "core": "基幹システム",
        "own": "商品マスタ(自社の表)",
        "warehouse": "倉庫",
        "shop": "{platform} {name}",
        "location": "本店",
    },
    "en": {
        "core": "Core system",
        "own": "Product table",
        "warehouse": "Warehouse",
        "shop": "{name}, {platform}",
        "location": "Main store",
    },
}
_PLATFORM_TITLES: Final = {
    "ja": {"rakuten": "楽天市場", "yahoo": "Yahoo!ショッピング", "shopify": "Shopify"},
    "en": {"rakuten": "Rakuten", "yahoo": "Yahoo! Shopping", "shopify": "Shopify"},
}


def configuration(answers: Answers) -> str:
    """Return the text of ecsync.toml, its comments in the project's language.

    Raises UsageError for an SFTP server of a partner that the project does not have.
    """
    unknown = sorted(set(answers.sftp) - set(_endpoints(answers)))
    if unknown:
        raise UsageError(
            _("there is no partner {name}; there are: {known}").format(
                name=", ".join(unknown), known=", ".join(_endpoints(answers))
            )
        )
    language = answers.language
    titles = _TITLES[language]
    parts = [part("project.toml", language, name=quoted(answers.name), language=language)]
    parts += [_shop(answers, channel, shop) for channel, shop in answers.channels]
    parts += _warehouse(answers)
    parts.append(part(f"products_{answers.products}.toml", language, core_title=titles[answers.products]))
    if answers.accounting != "none":
        parts.append(part(f"accounting_{answers.accounting}.toml", language))
    doors = [part("endpoints.toml", language), *(_endpoint(answers, name) for name in _endpoints(answers))]
    return "\n".join([*parts, "".join(doors[:1]) + "\n".join(doors[1:])])


def _shop(answers: Answers, channel: str, shop: ShopAnswer) -> str:
    platform = _PLATFORM_TITLES[answers.language].get(shop.platform, shop.platform)
    title = _TITLES[answers.language]["shop"].format(platform=platform, name=answers.name)
    return part(
        f"shop_{shop.platform}.toml",
        answers.language,
        channel=channel,
        title=quoted(title),
        shop_ids=f"[{quoted(shop.shop_id)}]" if shop.shop_id else "[]",
        location=quoted(shop.shop_id or _TITLES[answers.language]["location"]),
        cutover=answers.cutover.isoformat(),
    )


def _warehouse(answers: Answers) -> list[str]:
    language, ships = answers.language, answers.warehouse
    place = part(
        "shipping_own.toml" if ships in CARRIERS else f"warehouse_{ships}.toml",
        language,
        warehouse_title=quoted(_TITLES[language]["warehouse"]),
        name=quoted(answers.name),
        cutover=answers.cutover.isoformat(),
    )
    return [place, part(f"carrier_{ships}.toml", language)] if ships in CARRIERS else [place]


def _endpoint(answers: Answers, name: str) -> str:
    server = answers.sftp.get(name)
    if server is None:
        return part("endpoint_folder.toml", answers.language, endpoint=name)
    return part(
        "endpoint_sftp.toml",
        answers.language,
        endpoint=name,
        host=quoted(server.host),
        user=quoted(server.user),
        port=str(server.port),
    )


def _endpoints(answers: Answers) -> list[str]:
    names = [channel for channel, _shop in answers.channels]
    names += ["warehouse", "core" if answers.products == "core" else "office"]
    return names if answers.accounting == "none" else [*names, "accounting"]
