"""The chain behind the figure of one SKU, in staff's words, with the list of questions for an oversold one."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from ecsync.locale import _
from ecsync.report.blocks import Block, Column, Report
from ecsync.report.chain_words import DELIVERIES, MOVEMENTS, because, word
from ecsync.report.figures import moment, party_title, unit, units, yen
from ecsync.report.source_times import sources_block, sources_data

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecsync.config import Settings
    from ecsync.run.explaining import StockChain
    from ecsync.stock.explaining import Shelf, Shown, Side, StockExplained

MOST_MOVEMENTS = 50


def report_of(settings: Settings, chain: StockChain) -> Report:
    """Return the report: what it is, each shelf's counts, movements and promises, each shop's side, the questions."""
    explained = chain.explained
    blocks = [_what_it_is(explained)]
    for shelf in explained.shelves:
        blocks += _shelf_blocks(settings, shelf)
    for side in explained.sides:
        blocks.append(_side_block(settings, side))
        blocks.append(_questions(settings, chain, side))
    blocks.append(sources_block(settings, chain.sources))
    title = _("How the figure of {sku} came about").format(sku=explained.sku)
    data = {"as_of": chain.clock, **asdict(explained), "sources": sources_data(chain.sources)}
    return Report(title, tuple(blocks), data=data)


def _what_it_is(explained: StockExplained) -> Block:
    lines = [explained.name] if explained.name else [_("the product master does not know it")]
    if explained.price is not None:
        lines.append(_("price {price}").format(price=yen(explained.price)))
    if explained.is_set:
        parts = ", ".join(f"{sku} × {count}" for sku, count in explained.parts)
        lines.append(_("a set of {parts}").format(parts=parts or _("parts that cannot be worked out")))
    if explained.part_of:
        sets = ", ".join(f"{sku} × {count}" for sku, count in explained.part_of)
        lines.append(_("a part of the sets {sets}").format(sets=sets))
    return Block(_("How the figure of {sku} came about").format(sku=explained.sku), tuple(lines))


def _shelf_blocks(settings: Settings, shelf: Shelf) -> list[Block]:
    place = party_title(settings, shelf.warehouse)
    lines = [
        _("{source} counted {units} as of {as_of}{files}").format(
            source=party_title(settings, count.source),
            units=units(count.qty),
            as_of=moment(settings, count.as_of),
            files=_in_files(count.files),
        )
        for count in shelf.counts
    ]
    lines.append(
        _("on hand {on_hand} - spoken for {spoken} = free {free}").format(
            on_hand=units(shelf.on_hand), spoken=units(shelf.spoken_for), free=units(shelf.free)
        )
    )
    if shelf.blocked:
        lines.append(_("its units do not add up, so its figure may only fall"))
    shown = shelf.movements[-MOST_MOVEMENTS:]
    left_out = len(shelf.movements) - len(shown)
    told = any(m.told for m in shown)
    movements = Block(
        _("{sku} in {place}: counts and movements").format(sku=shelf.sku, place=place),
        lines=tuple(lines),
        columns=(
            _("time"),
            _("movement"),
            Column(_("units moved"), "count", unit()),
            Column(_("on hand"), "count", unit()),
            Column(_("reference"), "code"),
            Column(_("file"), "code"),
            Column(_("line"), "count"),
            Column(_("run"), "count"),
            *([Column(_("told to the core system"), "code")] if told else []),
        ),
        rows=tuple(
            (
                moment(settings, m.at),
                word(MOVEMENTS, m.kind),
                m.qty,
                m.after,
                m.reference,
                ", ".join(m.files),
                m.line or None,
                m.run_id,
                *([m.told] if told else []),
            )
            for m in shown
        ),
        notes=(_("{count} earlier movements are not shown").format(count=left_out),) if left_out else (),
    )
    promises = Block(
        _("{sku} in {place}: orders that keep units").format(sku=shelf.sku, place=place),
        columns=(
            _("shop"),
            Column(_("order"), "code"),
            Column(_("line"), "code"),
            Column(_("needed"), "count", unit()),
            Column(_("allocated"), "count", unit()),
            _("ordered at"),
            _("remark"),
        ),
        rows=tuple(
            (
                party_title(settings, p.channel),
                p.order_no,
                p.line_id,
                p.needed,
                p.allocated,
                moment(settings, p.ordered_at),
                ", ".join(because(kind, what) for kind, what in p.because),
            )
            for p in shelf.promises
        ),
        empty=_("nothing"),
    )
    return [movements, promises]


def _in_files(files: Sequence[str]) -> str:
    return f" ({', '.join(files)})" if files else ""


def _side_block(settings: Settings, side: Side) -> Block:
    lines = [
        _("can be sold {units} - kept back {withheld}, at most {most} = should show {target}").format(
            units=units(max(side.units, 0)),
            withheld=units(side.withheld),
            most=units(side.most),
            target=units(side.target),
        )
    ]
    rows: list[tuple[str | int | None, ...]] = []
    for listing in side.listings:
        code = "/".join(dict.fromkeys(part for part in (listing.item_key, listing.sku_key) if part))
        if listing.seen_at:
            rows.append(
                (
                    code,
                    moment(settings, listing.seen_at),
                    _("seen in the shop"),
                    listing.seen,
                    ", ".join(listing.seen_in),
                    _("{count} sold since").format(count=units(listing.sold_since))
                    if listing.sold_since
                    else "",
                )
            )
        rows += [
            (
                code,
                moment(settings, told.at),
                _("told by us"),
                told.qty,
                told.file,
                word(DELIVERIES, told.state),
            )
            for told in listing.told
        ]
    return Block(
        _("{shop}: what it shows and what it was told").format(shop=party_title(settings, side.channel)),
        lines=tuple(lines),
        columns=(
            Column(_("code there"), "code"),
            _("time"),
            _("what"),
            Column(_("figure"), "count", unit()),
            Column(_("file"), "code"),
            _("state"),
        ),
        rows=tuple(rows),
        empty=_("it is not listed there"),
    )


def _questions(settings: Settings, chain: StockChain, side: Side) -> Block:
    answers = _answers(settings, chain, side)
    return Block(
        _("{shop}: what to look at when it is oversold").format(shop=party_title(settings, side.channel)),
        columns=(Column("#", "count"), _("question"), _("answer"), _("look")),
        rows=tuple(
            (number, question, answer, "" if fine else _("look here"))
            for number, (question, answer, fine) in enumerate(answers, start=1)
        ),
    )


def _answers(settings: Settings, chain: StockChain, side: Side) -> list[tuple[str, str, bool]]:
    """Return the eleven questions of the trade with their answers from the data, and whether each is fine."""
    explained, listings = chain.explained, side.listings
    yes, no = _("yes"), _("no")
    newest = max((told for one in listings for told in one.told), key=lambda told: told.at, default=None)
    waiting = [
        told for one in listings for told in one.told[:1] if told.state not in {"verified", "acknowledged"}
    ]
    stale = [s for s in chain.sources if s.state and s.state != "none" and s.party in _behind(settings, side)]
    kept = [
        p
        for shelf in explained.shelves
        for p in shelf.promises
        if {kind for kind, _what in p.because} - {"parcel"}
    ]
    twice = len([one for one in listings if not one.unlimited]) > 1
    return [
        (
            _("Is the shop's stock ours to tell (counted, after the cut-over)?"),
            yes if side.open else no,
            side.open,
        ),
        (
            _("Is it listed there under a code that we know?"),
            _("{count} listings").format(count=len(listings)) if listings else no,
            len(listings) == 1 or (bool(listings) and not twice),
        ),
        (
            _("Is it sold there without a limit?"),
            yes if any(one.unlimited for one in listings) else no,
            not any(one.unlimited for one in listings),
        ),
        (
            _("When did we last tell a figure?"),
            f"{moment(settings, newest.at)} {units(newest.qty)}" if newest else _("never"),
            newest is not None or not listings,
        ),
        (
            _("Did that file arrive?"),
            f"{newest.file} {word(DELIVERIES, newest.state)}".strip() if newest else "-",
            newest is None or newest.state in {"verified", "acknowledged"},
        ),
        (_("Does a figure wait to be sent?"), units(waiting[0].qty) if waiting else no, not waiting),
        (
            _("How many units are kept back, and what is the most that is shown?"),
            _("{safety} of safety, {withheld} in all; at most {most}").format(
                safety=units(side.safety), withheld=units(side.withheld), most=units(side.most)
            ),
            side.withheld == side.safety and side.target == max(0, side.units - side.withheld),
        ),
        (
            _("Is it a set, and are its parts there?"),
            _("a set, {units} by its parts").format(units=units(max(side.units, 0)))
            if explained.is_set
            else no,
            not explained.is_set or bool(explained.parts),
        ),
        (
            _("Does the shop show something else than it should?"),
            ", ".join(_shows(one) for one in listings) or "-",
            all(_fits(one, side) for one in listings),
        ),
        (
            _("Are the files behind it fresh?"),
            ", ".join(f"{s.flow} {moment(settings, s.as_of)}".strip() for s in stale) or yes,
            not stale,
        ),
        (
            _("Which orders keep units without shipping?"),
            _("{count} orders").format(count=len({(p.channel, p.order_no) for p in kept})) if kept else no,
            not kept,
        ),
    ]


def _behind(settings: Settings, side: Side) -> set[str]:
    return {side.channel, side.warehouse, *settings.core}


def _now_shows(listing: Shown) -> int | None:
    """Return what the listing shows as far as we know: the newer of what was seen and what arrived."""
    told = listing.told[0] if listing.told else None
    if told is not None and told.at >= listing.seen_at and told.state in {"verified", "acknowledged"}:
        return told.qty
    return None if listing.seen is None else max(0, listing.seen - listing.sold_since)


def _shows(listing: Shown) -> str:
    figure = _now_shows(listing)
    return _("no figure") if figure is None else units(figure)


def _fits(listing: Shown, side: Side) -> bool:
    figure = _now_shows(listing)
    return listing.unlimited or figure is None or side.target <= figure <= max(0, side.units)
