"""The language of scenarios: what arrives, what the warehouse does, which run, and what must follow.

Everything is checked before a scenario is played: a key that does not exist, an order or a product that nobody
introduced, a step that does nothing, a scenario that expects nothing.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from ecsync.finding_catalogue import CATALOGUE
from partner_files.one_shop import PEOPLE, PRODUCTS
from scenarios.words import HOLDS, WAITS

JAPAN = timezone(timedelta(hours=9))
YEAR = 2026
SKUS = frozenset(product.sku for product in PRODUCTS)

Shop = Literal["楽天", "ヤフー", "ショッピファイ"]
Number = int
Sku = str
Units = dict[Sku, int]


def _moment(value: object) -> object:
    found = re.fullmatch(r"(\d{1,2})/(\d{1,2}) (\d{1,2}):(\d{2})", value) if isinstance(value, str) else None
    if found is None:
        msg = "日時は 11/24 12:00 のように書きます"
        raise ValueError(msg)
    month, day, hour, minute = map(int, found.groups())
    return datetime(YEAR, month, day, hour, minute, tzinfo=JAPAN)


def _day(value: object) -> object:
    found = re.fullmatch(r"(\d{1,2})/(\d{1,2})", value) if isinstance(value, str) else None
    if found is None:
        msg = "日付は 11/24 のように書きます"
        raise ValueError(msg)
    return f"{YEAR}-{int(found[1]):02}-{int(found[2]):02}"


def _nothing(empty: object) -> BeforeValidator:
    return BeforeValidator(lambda value: empty if value == "なし" else value)


Moment = Annotated[datetime, BeforeValidator(_moment)]
Day = Annotated[str, BeforeValidator(_day)]


class Words(BaseModel):
    """A part of a scenario; a key that nothing checks is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Settings(Words):
    """What this shop sets otherwise than the scenarios' shop."""

    safety: dict[Shop, int] = Field(default={}, alias="安全在庫")
    stale_buffer: dict[Shop, int] = Field(default={}, alias="古い在庫の控え")
    cutover: dict[Shop, Moment] = Field(default={}, alias="切替日時")
    least_rows: dict[Shop, int] = Field(default={}, alias="最少行数")
    due: dict[str, str] = Field(default={}, alias="締切")  # 楽天の受注: "12:00", 倉庫の在庫: "09:00"
    closed: tuple[Day, ...] = Field(default=(), alias="倉庫の休み")
    tax: Literal["税込", "税抜"] = Field(default="税込", alias="経理")


class OrderFacts(Words):
    """What a shop says of an order; a later file need not repeat what an earlier one said."""

    number: Number = Field(alias="番号")
    lines: Units = Field(default={}, alias="商品")
    status: str = Field(default="", alias="状態")
    payment: str = Field(default="", alias="支払")
    person: str = Field(default="", alias="注文者")
    to: tuple[str, ...] = Field(default=(), alias="届け先")
    ordered: Moment | None = Field(default=None, alias="注文日時")
    postage: int | None = Field(default=None, alias="送料")
    cod: int | None = Field(default=None, alias="代引手数料")
    points: int | None = Field(default=None, alias="ポイント")
    shop_coupon: int | None = Field(default=None, alias="店舗クーポン")
    mall_coupon: int | None = Field(default=None, alias="モールクーポン")
    wished: Day | None = Field(default=None, alias="お届け日")
    slot: str = Field(default="", alias="時間帯")
    comment: str = Field(default="", alias="備考")
    checking: bool | None = Field(default=None, alias="モール確認中")
    wrong_billed: int | None = Field(default=None, alias="請求のずれ")
    gift_card: int | None = Field(default=None, alias="ギフトカード購入")
    refunded: int | None = Field(default=None, alias="返金")

    @model_validator(mode="after")
    def _people_exist(self) -> Self:
        for name in (self.person, *self.to):
            if name and name not in PEOPLE:
                msg = f"{name} という人はいません。いるのは {'、'.join(PEOPLE)}"
                raise ValueError(msg)
        return self


class Cell(Words):
    """A cell of an order's rows that says something else."""

    number: Number = Field(alias="番号")
    column: str = Field(alias="列")
    value: str = Field(alias="値")


class OrderFile(Words):
    """An order file of a shop."""

    shop: Shop = Field(alias="店舗")
    orders: tuple[OrderFacts, ...] = Field(alias="受注", min_length=1)
    name: str = Field(default="", alias="名前")
    as_of: Moment | None = Field(default=None, alias="ファイルの時刻")
    old_columns: bool = Field(default=False, alias="旧レイアウト")
    doubled: bool = Field(default=False, alias="二重の行")
    spreadsheet: Number | Literal["そのまま"] | None = Field(default=None, alias="表計算で保存")
    cells: tuple[Cell, ...] = Field(default=(), alias="書き換え")
    only: Literal["注文", "商品"] | None = Field(default=None, alias="片方だけ")


class Resent(Words):
    """The newest order file of a shop, put there once more."""

    shop: Shop = Field(alias="店舗")
    name: str = Field(default="", alias="名前")
    as_of: Moment | None = Field(default=None, alias="ファイルの時刻")


class Warehouse(Words):
    """What the warehouse did and tells: what it was told to ship and has not, but for what is named otherwise."""

    ships: Literal["すべて"] | tuple[Number, ...] = Field(default=(), alias="出荷")
    short: dict[Number, Units] = Field(default={}, alias="欠品")
    back: dict[Number, Units] = Field(default={}, alias="返品")
    answers: dict[Number, Literal["止めた", "止められない"]] = Field(default={}, alias="出荷止めの返事")
    counted: Units | None = Field(default=None, alias="棚卸")


class Labels(Words):
    """What B2's user exports: the labels of all parcels told so far."""

    not_issued: tuple[Number, ...] = Field(default=(), alias="未発行")
    boxes: dict[Number, int] = Field(default={}, alias="個口")
    dates: dict[Number, Day] = Field(default={}, alias="出荷日")
    anew: tuple[Number, ...] = Field(default=(), alias="再発行")
    header: bool = Field(default=True, alias="見出し")
    by_hand: int = Field(default=0, alias="手作業")


class OrderState(Words):
    """How an order stands. What is not named is not asked."""

    state: Literal["受付中", "出荷済み", "キャンセル", "旧システム", "なし"] | None = Field(
        default=None, alias="状態"
    )
    holds: Annotated[tuple[str, ...] | None, _nothing(())] = Field(default=None, alias="要確認")
    waits: Annotated[tuple[str, ...] | None, _nothing(())] = Field(default=None, alias="待ち")
    paid: Literal["入金済み", "入金前", "入金不要"] | None = Field(default=None, alias="入金")

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not self.model_fields_set:
            msg = "何を確かめるかがありません"
            raise ValueError(msg)
        for words, known in ((self.holds, HOLDS.values()), (self.waits, WAITS.values())):
            for word in words or ():
                if word not in known:
                    msg = f"{word} という要確認や待ちはありません。あるのは {'、'.join(known)}"
                    raise ValueError(msg)
        return self


class Result(Words):
    """What must have come of a run. Documents are those that this run made; nothing may be missing or too much."""

    status: Literal[0, 3, 14] | None = Field(default=None, alias="終了")
    orders: dict[Number, OrderState] = Field(default={}, alias="受注")
    instructed: Annotated[dict[Number, Units] | None, _nothing({})] = Field(default=None, alias="出荷指示")
    labels: Annotated[dict[Number, dict[str, str]] | None, _nothing({})] = Field(default=None, alias="送り状")
    recalled: Annotated[tuple[Number, ...] | None, _nothing(())] = Field(default=None, alias="出荷止め依頼")
    noticed: Annotated[dict[Number, int] | None, _nothing({})] = Field(default=None, alias="出荷通知")
    published: dict[Shop, Annotated[dict[Sku, int | Literal["送らない"]], _nothing({})]] = Field(
        default={}, alias="店舗の在庫数"
    )
    on_hand: Units = Field(default={}, alias="手持ち")
    allocated: Units = Field(default={}, alias="引当")
    core: Annotated[dict[str, int] | None, _nothing({})] = Field(default=None, alias="基幹への売上")
    journals: Annotated[dict[str, int] | None, _nothing({})] = Field(default=None, alias="仕訳")
    journal_days: tuple[Day, ...] | None = Field(default=None, alias="仕訳の日付")
    quarantined: int | None = Field(default=None, alias="取込エラー行")
    findings: tuple[str, ...] = Field(default=(), alias="お知らせ")
    silent: tuple[str, ...] = Field(default=(), alias="お知らせなし")
    nothing_new: Literal[True] | None = Field(default=None, alias="何も変わらない")

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not self.model_fields_set:
            msg = "結果が空です"
            raise ValueError(msg)
        for text in (*self.findings, *self.silent):
            if re.fullmatch(r"[a-z_]+", text) and text not in CATALOGUE:
                msg = f"{text} というお知らせはありません"
                raise ValueError(msg)
        return self


class Decision(Words):
    """What somebody of the staff decides."""

    number: Number = Field(alias="番号")
    amend: dict[str, str] = Field(default={}, alias="修正")
    release: str = Field(default="", alias="確認済みにする")
    reason: str = Field(alias="理由")

    @model_validator(mode="after")
    def _decides_something(self) -> Self:
        if self.release and self.release not in HOLDS.values():
            message = f"{self.release} という要確認はありません。あるのは {'、'.join(HOLDS.values())}"
            raise ValueError(message)
        if bool(self.amend) == bool(self.release):
            msg = "修正 か 確認済みにする のどちらか一つを書きます"
            raise ValueError(msg)
        return self


class Step(Words):
    """One moment of a scenario. Files come first, then people, then the run."""

    at: Moment = Field(alias="日時")
    note: str = Field(default="", alias="説明")
    files: tuple[OrderFile, ...] = Field(default=(), alias="受注ファイル")
    resent: tuple[Resent, ...] = Field(default=(), alias="再送")
    known: tuple[Sku, ...] = Field(default=(), alias="基幹に登録")
    warehouse: Warehouse | None = Field(default=None, alias="倉庫")
    labels: Labels | None = Field(default=None, alias="送り状発行")
    decisions: tuple[Decision, ...] = Field(default=(), alias="判断")
    run: Literal["朝", "昼", "夕", "夜", "在庫"] | None = Field(default=None, alias="実行")
    override: tuple[Shop, ...] = Field(default=(), alias="安全確認を通す")
    result: Result | None = Field(default=None, alias="結果")

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        given = self.model_fields_set - {"at", "note"}
        if not given:
            msg = "この時刻には何も起きません"
            raise ValueError(msg)
        if (self.result is not None or self.override) and self.run is None:
            msg = "結果 と 安全確認を通す は 実行 のある時刻に書きます"
            raise ValueError(msg)
        return self


class Scenario(Words):
    """A named story of a shop."""

    title: str = Field(alias="題", min_length=8)
    shops: tuple[Shop, ...] = Field(default=("楽天",), alias="店舗", min_length=1)
    told_by: Literal["出荷指示", "送り状", "両方"] = Field(default="出荷指示", alias="倉庫への連絡")
    books: Literal["弥生", "フリー"] = Field(default="弥生", alias="会計ソフト")
    settings: Settings = Field(default=Settings(), alias="設定")
    steps: tuple[Step, ...] = Field(alias="流れ", min_length=1)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        times = [step.at for step in self.steps]
        if times != sorted(times):
            msg = "流れ は時刻の順に書きます"
            raise ValueError(msg)
        if not any(step.result for step in self.steps):
            msg = "このシナリオは何も確かめません"
            raise ValueError(msg)
        if self.steps[-1].result is None:
            msg = "最後の時刻のあとに何も確かめていません"
            raise ValueError(msg)
        introduced: dict[Number, Shop] = {}
        for step in self.steps:
            _introduce(step, introduced, self.shops)
            _check_known(step, introduced)
        return self


def _introduce(step: Step, introduced: dict[Number, Shop], shops: tuple[Shop, ...]) -> None:
    for file in (*step.files, *step.resent):
        if file.shop not in shops:
            msg = f"店舗 {file.shop} はこのシナリオにありません"
            raise ValueError(msg)
    for file in step.files:
        for order in file.orders:
            if order.number not in introduced and not order.lines:
                msg = f"受注 {order.number} の 商品 がありません"
                raise ValueError(msg)
            if introduced.setdefault(order.number, file.shop) != file.shop:
                msg = f"受注 {order.number} は別の店舗の番号です"
                raise ValueError(msg)


def _check_known(step: Step, introduced: dict[Number, Shop]) -> None:
    for number in sorted(set(_numbers_in(step)) - set(introduced)):
        msg = f"受注 {number} はまだどのファイルにもありません"
        raise ValueError(msg)
    for sku in sorted(set(_skus_in(step)) - SKUS):
        msg = f"{sku} という商品はありません。あるのは {', '.join(sorted(SKUS))}"
        raise ValueError(msg)


def _numbers_in(step: Step) -> list[Number]:
    found: list[Number] = [cell.number for file in step.files for cell in file.cells]
    found += [decision.number for decision in step.decisions]
    if step.warehouse:
        house = step.warehouse
        found += [
            *house.short,
            *house.back,
            *house.answers,
            *(() if house.ships == "すべて" else house.ships),
        ]
    if step.labels:
        made = step.labels
        found += [*made.not_issued, *made.boxes, *made.dates, *made.anew]
    if step.result:
        told = step.result
        for part in (told.orders, told.instructed, told.labels, told.recalled, told.noticed):
            found += list(part or ())
    return found


def _skus_in(step: Step) -> list[Sku]:
    found: list[Sku] = []
    if step.warehouse:
        for units in (
            *step.warehouse.short.values(),
            *step.warehouse.back.values(),
            step.warehouse.counted or {},
        ):
            found += list(units)
    if step.result:
        told = step.result
        for units in (*told.published.values(), told.on_hand, told.allocated):
            found += list(units)
    return found


class BadScenarioError(Exception):
    """A scenario that says something that nothing can check."""


def read_scenarios(path: Path) -> list[Scenario]:
    """Return the scenarios of a file: a list of them. Raises BadScenarioError naming file, scenario and place."""
    told: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(told, list) or not told:
        message = f"{path.name}: シナリオの一覧ではありません"
        raise BadScenarioError(message)
    return [_read(path, number, one) for number, one in enumerate(told, start=1)]


def _read(path: Path, number: int, told: object) -> Scenario:
    try:
        return Scenario.model_validate(told)
    except ValidationError as error:
        title = told.get("題", "") if isinstance(told, dict) else ""
        lines = [
            f"  {' > '.join(str(part) for part in fault['loc']) or '全体'}: {_in_japanese(fault)}"
            for fault in error.errors(include_url=False)
        ]
        message = "\n".join([f"{path.name} の {number} 番目「{title}」に誤りがあります", *lines])
        raise BadScenarioError(message) from None


def _in_japanese(fault: Any) -> str:
    if fault["type"] == "extra_forbidden":
        return "この項目はありません"
    if fault["type"] == "missing":
        return "この項目が必要です"
    return str(fault["msg"]).removeprefix("Value error, ")
