"""Play a scenario: the partners' folders, the warehouse and its shelf, the runs; nothing in between is replaced."""

from __future__ import annotations

import contextlib
import io
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ecsync.cli import main
from ecsync.config import Settings
from ecsync.mapping import catalogue
from ecsync.mapping.inverse import read_back, split_file
from ecsync.master.engine import open_engine
from ecsync.run.outcome import Outcome
from ecsync.run.sync import Request, sync
from face import process_as_it_was
from partner_files import core, warehouse, yamato_b2
from partner_files.one_shop import PRODUCTS, SETS
from scenarios.model import JAPAN, Decision, Labels, OrderFile, Scenario, Step, Warehouse
from scenarios.partners import PARTNERS, Files, NotSaidError, order_of, said
from scenarios.words import HOLDS
from shop import Shop, utc
from story_shop import EVENT_COLUMNS, plain_table

PROJECT = Path(__file__).parent / "project"
KINDS = {"朝": "morning", "昼": "noon", "夕": "evening", "夜": "night", "在庫": "stock"}
START = datetime(2026, 11, 20, 5, 0, tzinfo=JAPAN)
REASONS = {word: reason for reason, word in HOLDS.items()}
Row = dict[str, Any]


@dataclass
class Made:
    """What one run made: its outcome, and the rows of its files in our own terms, by document."""

    outcome: Outcome
    documents: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    generation_moved: bool = True


class Stage:
    """One shop and everybody around it, on one database."""

    def __init__(self, scenario: Scenario, root: Path, database: str) -> None:
        """Write the project with the parts that the scenario takes; `database` is the body of [database]."""
        self.scenario = scenario
        self.shop = Shop(root)
        self.facts: dict[int, dict[str, Any]] = {}
        self.shop_of: dict[int, str] = {}
        self.parcels: dict[str, int] = {}  # parcel -> the scenario's number of its order
        self._lines: list[Row] = []  # told to the warehouse and not answered
        self._labels: list[bytes] = []
        self._shelf = Counter(dict(warehouse.counted(PRODUCTS, "main")))
        self._events = 0
        self._newest: dict[str, Files] = {}
        self._stamps: Counter[str] = Counter()
        self._write_project(database)
        self.settings: Settings = self.shop.settings
        self._engine = open_engine(self.settings)
        self._make_folders()
        self._place_masters()

    # the project

    def _write_project(self, database: str) -> None:
        told = {"出荷指示": ["instruction"], "送り状": ["labels"], "両方": ["instruction", "labels"]}
        books = {"弥生": "yayoi", "フリー": "freee"}
        parts = [
            "shop",
            *(PARTNERS[shop].party for shop in self.scenario.shops),
            *told[self.scenario.told_by],
            books[self.scenario.books],
        ]
        text = "\n".join((PROJECT / f"{part}.toml").read_text(encoding="utf-8") for part in parts)
        text = text.replace("{PARTNERS}", str(self.shop.partners)).replace("{DATABASE}", database)
        self.shop.project.mkdir(parents=True, exist_ok=True)
        (self.shop.project / "ecsync.toml").write_text(self._changed(text), encoding="utf-8")

    def _changed(self, text: str) -> str:
        wanted = self.scenario.settings
        keys: list[tuple[str, str]] = []
        for name, values in (("safety", wanted.safety), ("stale_buffer", wanted.stale_buffer)):
            keys += [
                (f"[channels.{PARTNERS[shop].party}]", f"{name} = {value}") for shop, value in values.items()
            ]
        for shop, minimum in wanted.least_rows.items():
            keys.append((f'name = "{PARTNERS[shop].party}-orders"', f"guard = {{ min_rows = {minimum} }}"))
        for what, by in wanted.due.items():
            flow = (
                "main-stock"
                if what == "倉庫の在庫"
                else f"{PARTNERS[what.removesuffix('の受注')].party}-orders"
            )
            keys.append((f'name = "{flow}"', f'expected = {{ by = "{by}:00", max_age_hours = 20 }}'))
        if wanted.closed:
            keys.append(("[calendars.warehouse]", f"closed = {list(wanted.closed)}".replace("'", '"')))
        for mark, line in keys:
            if text.count(mark) != 1:
                message = f"設定 {line} を書く場所がありません"
                raise NotSaidError(message)
            text = text.replace(mark, f"{mark}\n{line}")
        for shop, moment in wanted.cutover.items():
            head, mark, rest = text.partition(f"[channels.{PARTNERS[shop].party}]")
            assert mark
            text = head + mark + rest.replace("2026-11-20T00:00:00+09:00", moment.isoformat(), 1)
        return text.replace('tax = "included"', 'tax = "excluded"') if wanted.tax == "税抜" else text

    def _make_folders(self) -> None:
        for flow in (*self.settings.inbound, *self.settings.outbound):
            archive = getattr(flow, "archive_path", "")
            for path in (flow.path, *([archive] if archive else [])):
                (self.shop.partners / flow.endpoint / path).mkdir(parents=True, exist_ok=True)

    def _place_masters(self) -> None:
        self._place_products(())
        self.shop.put("erp/out/sets_20261120.csv", core.sets(SETS), START)
        self.shop.put(
            "warehouse/out/stock_20261120_0500.csv", warehouse.stock(sorted(self._shelf.items())), START
        )
        for name in self.scenario.shops:
            for path, content in PARTNERS[name].listings():
                self.shop.put(path, content, START)

    def _place_products(self, known: tuple[str, ...], at: datetime = START) -> None:
        later = {sku for step in self.scenario.steps for sku in step.known}
        products = [p for p in PRODUCTS if p.sku not in later or p.sku in known]
        self.shop.put(f"erp/out/products_{at:%Y%m%d_%H%M}.csv", core.products(products), at)

    # what happens

    def play(self, step: Step) -> Made | None:
        """Let a step happen; return what its run made."""
        if step.known:
            self._place_products(step.known, step.at)
        for file in step.files:
            self._place_orders(file, step.at)
        for again in step.resent:
            at = again.as_of or step.at
            for path, content in self._newest[again.shop]:
                folder, _sep, name = path.rpartition("/")
                self.shop.put(f"{folder}/{again.name or name}", content, at)
        if step.warehouse is not None:
            self._work(step.warehouse, step.at)
        if step.labels is not None:
            self._issue(step.labels, step.at)
        for decision in step.decisions:
            self._decide(decision, step.at)
        return None if step.run is None else self._run(step)

    def _decide(self, decision: Decision, at: datetime) -> None:
        """Let somebody of the staff type the decision."""
        _party, order_no = self.number_in_shop(decision.number)
        words = ["amend", order_no, *(f"{field}={value}" for field, value in decision.amend.items())]
        if decision.release:
            words = ["release", order_no, "--reason", REASONS[decision.release]]
        said = ["orders", *words, "--by", "佐藤", "--note", decision.reason, "--as-of", at.isoformat()]
        heard = io.StringIO()
        with process_as_it_was(), contextlib.redirect_stdout(heard), contextlib.redirect_stderr(heard):
            status = main(["--project", str(self.shop.project), "--lang", "ja", *said])
        assert status == 0, heard.getvalue()

    def number_in_shop(self, number: int) -> tuple[str, str]:
        """Return (party, the order's number as its shop writes it)."""
        partner = PARTNERS[self.shop_of[number]]
        return partner.party, partner.number_of(self._order(number))

    def _order(self, number: int) -> Any:
        return order_of(number, self.facts[number], self.scenario.steps[0].at.replace(hour=7, minute=0))

    def _place_orders(self, file: OrderFile, at: datetime) -> None:
        partner = PARTNERS[file.shop]
        for facts in file.orders:
            unsaid = sorted(facts.model_fields_set & partner.cannot_say)
            if unsaid:
                message = f"{file.shop} の受注ファイルでは {', '.join(unsaid)} を言えません"
                raise NotSaidError(message)
            self.facts.setdefault(facts.number, {}).update(said(facts))
            self.shop_of[facts.number] = file.shop
        stamp = f"{at:%Y%m%d_%H%M}"
        self._stamps[f"{file.shop}{stamp}"] += 1
        if (nth := self._stamps[f"{file.shop}{stamp}"]) > 1:
            stamp += f"_{nth}"
        numbers = [facts.number for facts in file.orders]
        made = partner.order_files(
            file,
            [self._order(number) for number in numbers],
            stamp,
            [self.facts[number] for number in numbers],
        )
        self._newest[file.shop] = made
        for path, content in made:
            self.shop.put(path, content, file.as_of or at)

    def _work(self, told: Warehouse, at: datetime) -> None:
        events: list[Row] = []
        left: list[Row] = []
        for line in self._lines:
            number = self.parcels[line["parcel_no"]]
            short = min(told.short.get(number, {}).get(line["sku"], 0), line["qty"])
            if told.ships != "すべて" and number not in told.ships and not short:
                left.append(line)
                continue
            if short:
                events.append(self._event(line, "short", short))
            if line["qty"] > short and (told.ships == "すべて" or number in told.ships):
                index = sorted(self.parcels).index(line["parcel_no"]) + 501
                number_told = {"tracking_no": yamato_b2.tracking_number(index), "carrier": "yamato"}
                events.append(self._event(line, "shipped", line["qty"] - short) | number_told)
                self._shelf[line["sku"]] -= line["qty"] - short
        stopped = {n for n, answer in told.answers.items() if answer == "止めた"}
        self._lines = [line for line in left if self.parcels[line["parcel_no"]] not in stopped]
        for number, answer in told.answers.items():
            parcel = max(parcel for parcel, order in self.parcels.items() if order == number)
            events.append({"kind": "recalled" if answer == "止めた" else "refused", "parcel_no": parcel})
        for number, units in told.back.items():
            for sku, qty in units.items():
                parcel, line_no = self._shipped_line(number, sku)
                line = {"parcel_no": parcel, "line_no": line_no, "sku": sku}
                events.append(self._event(line, "return", qty))
                self._shelf[sku] += qty
        if events:
            rows = []
            for event in events:
                self._events += 1
                full = {"event_id": f"E{self._events:04d}", "at": at.isoformat(), **event}
                rows.append([full.get(name, "") for name in EVENT_COLUMNS])
            path = f"warehouse/out/events_{at:%Y%m%d_%H%M}.csv"
            self.shop.put(path, plain_table(EVENT_COLUMNS, rows), at)
        if told.counted is not None:
            self._shelf.update({sku: qty - self._shelf[sku] for sku, qty in told.counted.items()})
            # A count is taken after the work of its moment.
            content = warehouse.stock(sorted(self._shelf.items()))
            self.shop.put(f"warehouse/out/stock_{at:%Y%m%d_%H%M}.csv", content, at + timedelta(minutes=1))

    def _shipped_line(self, number: int, sku: str) -> tuple[str, int]:
        party, order_no = self.number_in_shop(number)
        rows = self.rows(
            "SELECT parcel_no, line_no FROM instruction_line WHERE channel = :a AND order_no = :b AND sku = :c "
            "AND shipped_qty > returned_qty ORDER BY parcel_no, line_no",
            a=party,
            b=order_no,
            c=sku,
        )
        if not rows:
            message = f"受注 {number} の {sku} は出荷されていません"
            raise NotSaidError(message)
        return str(rows[0][0]), int(str(rows[0][1]))

    @staticmethod
    def _event(line: Row, kind: str, qty: int) -> Row:
        names = ("parcel_no", "line_no", "sku")
        return {"kind": kind, **{name: line[name] for name in names}, "qty": qty}

    def _issue(self, told: Labels, at: datetime) -> None:
        def of(number: int) -> str:
            return max(parcel for parcel, order in self.parcels.items() if order == number)

        content = yamato_b2.issued(
            self._labels,
            header=told.header,
            not_issued=[of(number) for number in told.not_issued],
            boxes={of(number): count for number, count in told.boxes.items()},
            ship_dates={of(number): day.replace("-", "/") for number, day in told.dates.items()},
            numbers={of(number): yamato_b2.tracking_number(900 + number) for number in told.anew},
            by_hand=told.by_hand,
        )
        self.shop.put(f"warehouse/out/issued_{at:%Y%m%d_%H%M}.csv", content, at)

    # the run

    def _run(self, step: Step) -> Made:
        before = self.rows("SELECT value FROM generation")
        overrides = tuple(("min_rows", f"{PARTNERS[shop].party}-orders") for shop in step.override)
        assert step.run is not None
        outcome = sync(self.settings, Request(KINDS[step.run], utc(step.at), overrides=overrides))
        made = Made(outcome, generation_moved=self.rows("SELECT value FROM generation") != before)
        for file in outcome.published:
            flow = next(one for one in self.settings.outbound if one.name == file.flow)
            mapping = catalogue.load_outbound(flow.mapping, self.settings.folder)
            content = file.payload.read_bytes()
            for cells in split_file(mapping, content):
                row = {
                    **read_back(mapping, cells),
                    "party": flow.party,
                    "cells": dict(zip(mapping.header, cells, strict=True)),
                }
                made.documents[mapping.entity].append(row)
            if mapping.entity == "parcels":
                self._labels.append(content)
        self._learn(made)
        return made

    def _learn(self, made: Made) -> None:
        by_no = {self.number_in_shop(number)[1]: number for number in self.facts}
        for row in self.rows("SELECT parcel_no, order_no FROM shipping_instruction"):
            if str(row[1]) in by_no:
                self.parcels[str(row[0])] = by_no[str(row[1])]
        self._lines += made.documents.get("shipping_instructions", [])

    def rows(self, sql: str, **params: object) -> list[tuple[object, ...]]:
        """Return the rows of a query on the master."""
        with self._engine.connect() as conn:
            return [tuple(row) for row in conn.execute(sa.text(sql), params)]

    def close(self) -> None:
        """Let the database go."""
        self._engine.dispose()
