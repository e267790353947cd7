"""Make a project's folder: configuration, folders of the partners, the shop's own exports, an empty master."""

from __future__ import annotations

import csv
import io
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecsync.config import CONFIG_NAME, load_settings
from ecsync.errors import UsageError
from ecsync.locale import _
from ecsync.master import upgrade as schema
from ecsync.master.engine import master_errors, open_engine
from ecsync.starting.configuration import configuration
from ecsync.starting.exports import products_of
from ecsync.starting.parts import part

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ecsync.config import Inbound, Outbound, Settings
    from ecsync.starting.answers import Answers
    from ecsync.starting.exports import Export

# What a project may not have yet, so that nothing is overwritten.
_OURS: Final = (CONFIG_NAME, "owners.yaml", "data", "exchange", "mappings", "secrets")
PRODUCTS_FILE: Final = "products.csv"
COUNT_FILE: Final = "stock-to-count.csv"
_PRODUCT_COLUMNS: Final = ("sku", "name", "jan", "supplier", "cost", "price", "tax_rate")


@dataclass(frozen=True)
class Made:
    """A project as it was made: its settings, and the files that were written or copied, below its folder."""

    settings: Settings
    files: tuple[str, ...]


def refuse_existing(folder: Path) -> None:
    """Raise UsageError where a project, or anything that one would overwrite, is there already."""
    if (folder / CONFIG_NAME).exists():
        raise UsageError(
            _("{folder} is a project already").format(folder=folder),
            hint=_("check it with `ecsync doctor`; `ecsync init` without a folder makes its database"),
        )
    there = [name for name in _OURS if (folder / name).exists()]
    if there or (folder.exists() and not folder.is_dir()):
        raise UsageError(
            _("{folder} has {names} already; nothing is overwritten").format(
                folder=folder, names=", ".join(there) or folder.name
            ),
            hint=_("name a new folder"),
        )


def make_project(folder: Path, answers: Answers, exports: Sequence[Export] = ()) -> Made:
    """Make the project and its empty master. Raises UsageError where it would overwrite anything."""
    refuse_existing(folder)
    text = configuration(answers)
    channels = [_channel_of(answers, export) for export in exports]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("mappings", "reports", "secrets"):
        (folder / name).mkdir(mode=0o700, exist_ok=True)
    written = [
        _write(folder, CONFIG_NAME, text),
        _write(folder, "owners.yaml", part("owners.yaml", answers.language)),
    ]
    if not (folder / ".gitignore").exists():
        written.append(_write(folder, ".gitignore", part("gitignore.txt", answers.language)))
    settings = load_settings(folder)
    _make_folders(settings)
    written += [_copy(settings, channel, export) for channel, export in zip(channels, exports, strict=True)]
    if answers.products == "own":
        written += _own_tables(settings, exports)
    engine = open_engine(settings)
    with master_errors():
        schema.upgrade(engine)
    engine.dispose()
    return Made(settings, tuple(written))


def _write(folder: Path, name: str, text: str) -> str:
    handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123  (a descriptor, not a path)
        file.write(text)
    return name


def _make_folders(settings: Settings) -> None:
    flows: list[Inbound | Outbound] = [*settings.inbound, *settings.outbound]
    for flow in flows:
        endpoint = settings.endpoints[flow.endpoint]
        if endpoint.kind == "folder":
            root = settings.path(endpoint.root)
            for place in (root.parent, root, root / flow.path):
                place.mkdir(mode=0o700, parents=True, exist_ok=True)


def _channel_of(answers: Answers, export: Export) -> str:
    for channel, shop in answers.channels:
        ours = not shop.shop_id or not export.shop_ids or shop.shop_id in export.shop_ids
        if shop.platform == export.platform and ours:
            return channel
    raise UsageError(
        _("{file} is of {platform} {shops}, and no such shop is named").format(
            file=export.path.name, platform=export.platform, shops=", ".join(export.shop_ids)
        ),
        hint=f"--shop {':'.join([export.platform, *export.shop_ids[:1]])}",
    )


def _copy(settings: Settings, channel: str, export: Export) -> str:
    """Copy an export to where its flow looks for it, with its time: that says of when it speaks."""
    flow = next(flow for flow in settings.inbound if flow.party == channel and flow.mapping == export.mapping)
    endpoint = settings.endpoints[flow.endpoint]
    folder = settings.path(endpoint.root if endpoint.kind == "folder" else "exports") / flow.path
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / export.path.name
    shutil.copy2(export.path, target)
    target.chmod(0o600)
    return str(target.relative_to(settings.folder))


def _own_tables(settings: Settings, exports: Sequence[Export]) -> list[str]:
    """Write the shop's product table, and a list on which somebody counts the stock."""
    flow = next(flow for flow in settings.inbound if flow.mapping == "core/products")
    products = products_of(exports)
    rows = [(one.sku, one.name, "", "", "", _figure(one.price), _percent(one.tax_rate)) for one in products]
    endpoint = settings.endpoints[flow.endpoint]
    folder = settings.path(endpoint.root if endpoint.kind == "folder" else "exports")
    written = [_table(settings, folder / flow.path / PRODUCTS_FILE, _PRODUCT_COLUMNS, rows)]
    if products:
        count = [(one.sku, "", one.name) for one in products]
        written.append(_table(settings, settings.folder / COUNT_FILE, ("sku", "qty", "name"), count))
    return written


def _table(settings: Settings, path: Path, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows([columns, *rows])
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # With a byte order mark spreadsheets read it as the UTF-8 that it is.
    path.write_bytes(out.getvalue().encode("utf-8-sig"))
    path.chmod(0o600)
    return str(path.relative_to(settings.folder))


def _figure(value: int | None) -> str:
    return "" if value is None else str(value)


def _percent(basis_points: int | None) -> str:
    if basis_points is None:
        return ""
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02}" if rest else str(whole)
