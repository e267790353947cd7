"""Cells that cannot be used, and some that can although they look it: numbers, dates, codes, keys, doubled rows."""

from __future__ import annotations

from bad_input import damage as to
from bad_input.cases_shop import SUSPECT_TRACKING, TOO_SHORT_TRACKING
from bad_input.damage import Damage
from bad_input.inbound import HANDED_OUT, FileCase, Two

R, S = "rakuten-orders", "shopify-orders"
E, L, K, P = "main-events", "main-issued", "main-stock", "erp-products"
CP932 = frozenset({R, L})
MEND: Two = ("Mend the cell and put the row in again", "セルを直し、行を入れ直してください")
FILL: Two = ("Fill the cell in and put the row in again", "セルに値を入れ、行を入れ直してください")
ANEW: Two = (
    "Export the file anew and put it in without opening it in a spreadsheet program",
    "もう一度書き出し、表計算ソフトで開かずに入れてください",
)
CODE: Two = (
    "Add the code to the mapping's table, or mend the cell and put the row in again",
    "マッピングのコード表にこのコードを足すか、セルを直して行を入れ直してください",
)
ROWS: Two = (
    "Mend the rows and put them in again, or fetch the file anew",
    "行を直して入れ直すか、ファイルを取り直してください",
)
ASK: Two = ("Ask the warehouse what it means", "倉庫に内容を確認してください")
NO_NUMBER: Two = ("It is not a number", "数ではありません")
SCIENTIFIC: Two = (
    "A spreadsheet program has turned the number into the form 1.23E+12; its digits are lost",
    "表計算ソフトが番号を 1.23E+12 の形に変えたため、桁が失われています",
)
DAMAGED: Two = (
    "A spreadsheet program has changed it; export the file anew and do not open it",
    "表計算ソフトで開いたときに値が変わっています。もう一度書き出し、開かずにそのまま入れてください",
)
NO_TIME: Two = ("It is not a date and time of the declared form", "指定の形の日時ではありません")
NO_DATE: Two = ("It is not a date of the declared form", "指定の形の日付ではありません")
NO_PHONE: Two = (
    "It is not a phone number of ten or eleven digits",
    "10桁か11桁の電話番号ではありません",
)
NO_POSTCODE: Two = ("It is not a postcode of seven digits", "7桁の郵便番号ではありません")
NO_RATE: Two = ("It is not a tax rate", "税率として読めません")
DIGITS: Two = ("It has too many or too few digits", "桁数が合いません")
DOUBLED: Two = ("Two rows have the same key and say different things", "同じキーの行どうしで内容が違います")


def between(least: str, most: str) -> Two:
    """Return how a range is said."""
    return (
        f"It lies outside what is possible ({least} to {most})",
        f"あり得る範囲({least}～{most})の外です",
    )


def unknown(*known: str) -> Two:
    """Return how an unknown code is said."""
    there = ", ".join(known)
    return (f"The code is not known; known are: {there}", f"知らないコードです(使えるもの: {there})")


def cell(flow: str, column: str, value: str, row: int = 1) -> Damage:
    """Write a value into a cell of a flow's file."""
    return to.cell(column, value, row=row, encoding="cp932" if flow in CP932 else "utf-8")


def aside(
    name: str,
    flow: str,
    damage: Damage,
    column: str,
    why: Two,
    then: Two,
    *,
    line: int = 2,
    count: int = 1,
    out: tuple[int, ...] = (1,),
) -> FileCase:
    """Return a case in which rows are put aside and all others are taken."""
    said = (
        f"{count} rows: {why[0]} (column {column}, line {line})",
        f"{count} 件: {why[1]}(項目 {column}、{line} 行目から)",
    )
    step = (then[0] + HANDED_OUT[0], then[1] + HANDED_OUT[1])
    return FileCase(name, flow, damage, "rows", said, step, out)


def wrong(name: str, flow: str, column: str, value: str, why: Two, then: Two = MEND) -> FileCase:
    """Return a case of one cell of the first row."""
    return aside(name, flow, cell(flow, column, value), column, why, then)


def read(name: str, flow: str, damage: Damage, note: str) -> FileCase:
    """Return a case that is read all the same."""
    return FileCase(name, flow, damage, "taken", note=note)


def rejected(name: str, column: str, value: str, why: Two) -> FileCase:
    """Return a case of a warehouse's event that can be read, and that the shipping desk cannot use."""
    heading = ("Warehouse event that does not fit", "合わない倉庫実績")
    return FileCase(
        name, E, cell(E, column, value), "taken", why, ASK, heading=heading, number="E0001", status=3,
        note="the event is kept with its reason; nothing is shipped by it",
    )  # fmt: skip


NUMBERS = [
    read("full-width digits in a quantity", R, cell(R, "個数", "２"), "read as 2"),
    read("commas, a yen sign and 円 in an amount", R, cell(R, "単価", "￥1,100円"), "read as 1100"),
    wrong("a quantity in words", R, "個数", "五百", NO_NUMBER),
    wrong(
        "a fraction of a unit",
        R,
        "個数",
        "1.5",
        ("It has a fraction of a yen or of a unit", "円または個数に端数があります"),
    ),
    wrong("a negative quantity", R, "個数", "-1", between("0", "99999")),
    wrong("a huge quantity", R, "個数", "100000", between("0", "99999")),
    wrong("a quantity in scientific notation", R, "個数", "1E+05", SCIENTIFIC, ANEW),
    wrong("a huge amount", R, "単価", "99999999999999", ("The number is too large", "数が大きすぎます")),
    wrong(
        "an empty quantity",
        R,
        "個数",
        "",
        ("It is empty, and must not be", "必須の項目が空欄です"),
        FILL,
    ),
    wrong("an amount in scientific notation", R, "請求金額", "2.75E+03", SCIENTIFIC, ANEW),
    wrong("a tax rate in words", R, "商品税率", "消費税", NO_RATE),
]
KEYS = [
    wrong("an order number in scientific notation", R, "注文番号", "1.23E+12", SCIENTIFIC, ANEW),
    wrong("a line number in scientific notation", R, "商品明細ID", "1.01E+09", SCIENTIFIC, ANEW),
    wrong("an order's Id in scientific notation", S, "Id", "5.00E+12", SCIENTIFIC, ANEW),
    aside(
        "#NAME? in a product code",
        R,
        cell(R, "商品番号", "#NAME?"),
        "システム連携用SKU番号 + 商品番号",
        DAMAGED,
        ANEW,
    ),
    wrong(
        "an order of another shop",
        R,
        "注文番号",
        "999999-20261124-0000000101",
        ("The shop's number is not one of this channel", "この店舗の番号ではありません"),
        ROWS,
    ),
    aside(
        "a line twice, with different content",
        R,
        to.row_again(1, "個数", "3"),
        "商品明細ID",
        DOUBLED,
        ROWS,
        count=2,
    ),
    read("a line twice, with the same content", R, to.row_again(1, "個数", "2"), "counted once"),
    aside(
        "rows of one order that contradict each other",
        R,
        cell(R, "請求金額", "1", row=2),
        "請求金額",
        ("The rows of one order say different things", "同じ受注の行どうしで内容が違います"),
        ROWS,
        line=4,
        count=2,
        out=(2, 3),
    ),
]
TIMES = [
    read("m/d/Y", R, cell(R, "注文日時", "11/24/2026 8:00"), "read, as Rakuten's mapping declares the form"),
    wrong("d/m/Y", R, "注文日時", "24/11/2026 8:00", NO_TIME),
    wrong("m/d/Y where it is not declared", L, "出荷予定日", "11/24/2026", NO_DATE),
    wrong("和暦 in a time", R, "注文日時", "令和8年11月24日 8:00", NO_TIME),
    wrong("和暦 in a date", R, "お届け日指定", "R8.11.28", NO_DATE),
    wrong("和暦 on a label", L, "出荷予定日", "令和8年11月24日", NO_DATE),
    wrong("a day that does not exist", R, "お届け日指定", "2026-02-30", NO_DATE),
    wrong("a spreadsheet's own number of a day", R, "注文日時", "46350.33", NO_TIME),
]
CODES = [
    wrong(
        "a status that is not known",
        R,
        "ステータス",
        "301",
        unknown("100", "200", "300", "400", "500", "600", "700", "800", "900"),
        CODE,
    ),
    wrong(
        "a flag that is none",
        R,
        "楽天確認中フラグ",
        "はい",
        ("It is neither 0 nor 1", "0 でも 1 でもありません"),
    ),
    wrong(
        "a kind of event that is not known",
        E,
        "kind",
        "sent",
        unknown("adjustment", "recalled", "receipt", "refused", "return", "shipped", "short", "sold"),
        CODE,
    ),
]
PEOPLE = [
    read(
        "a postcode in two columns without its leading zeros",
        R,
        cell(R, "送付先郵便番号1", "60", row=2),
        "the columns have a known width: 60 is read as 060",
    ),
    wrong("a postcode of six digits", S, "Shipping Zip", "600001", NO_POSTCODE),
    read("a phone number without its leading zero", R, cell(R, "送付先電話番号1", "90"), "90 is read as 090"),
    aside(
        "a phone number without its middle",
        R,
        cell(R, "送付先電話番号2", "0"),
        "送付先電話番号1 + 送付先電話番号2 + 送付先電話番号3",
        NO_PHONE,
        MEND,
    ),
    aside(
        "a phone number in scientific notation",
        S,
        cell(S, "Shipping Phone", "8.19E+11"),
        "Shipping Phone + Phone / Shipping Phone",
        SCIENTIFIC,
        ANEW,
    ),
]
SUSPECT: Two = (
    "a digit may be mistyped, or a leading zero lost",
    "打ち間違いか、先頭の 0 が落ちた可能性があります",
)
SLIP: Two = ("Compare it with the carrier's slip", "送り状の控えと見比べてください")
SUSPECT_HEADING: Two = ("Tracking number with a wrong check digit", "送り状番号の検査数字違い")


def suspect(name: str, tracking: str) -> FileCase:
    """Return a case of a tracking number that may be right, and is told."""
    return FileCase(
        name, E, cell(E, "tracking_no", tracking), "taken", SUSPECT, SLIP, heading=SUSPECT_HEADING,
        number="000001-20261124-0000000011", note="taken, and told: some services count otherwise",
    )  # fmt: skip


WAREHOUSE = [
    wrong("a tracking number in scientific notation", E, "tracking_no", "4.009E+11", SCIENTIFIC, ANEW),
    wrong(
        "a tracking number on a label in scientific notation", L, "伝票番号", "4.009E+11", SCIENTIFIC, ANEW
    ),
    wrong("a tracking number of four digits", E, "tracking_no", "4009", DIGITS),
    suspect("a tracking number without its leading zero", TOO_SHORT_TRACKING),
    suspect("a tracking number with a wrong check digit", SUSPECT_TRACKING),
    wrong("an event with a huge quantity", E, "qty", "10000000", between("-", "9999999")),
    wrong("an event whose time is m/d/Y", E, "at", "11/24/2026 11:30", NO_TIME),
    rejected(
        "an event with a negative quantity",
        "qty",
        "-1",
        ("its quantity cannot be right", "数量があり得ない値です"),
    ),
    rejected(
        "an event with more units than were instructed",
        "qty",
        "999",
        ("it is more than was instructed and is still open", "出荷指示の残りの数を超えています"),
    ),
    rejected(
        "an event of a parcel that nobody knows",
        "parcel_no",
        "P99999999",
        ("no such parcel was instructed at this warehouse", "この倉庫に出荷指示していない番号です"),
    ),
    wrong("a count in scientific notation", K, "qty", "1.2E+01", SCIENTIFIC, ANEW),
    wrong("a huge count", K, "qty", "10000000", between("-", "9999999")),
    FileCase(
        "a negative count",
        K,
        cell(K, "qty", "-3"),
        "taken",
        ("横浜倉庫: -3", "横浜倉庫: -3"),
        ("Count it", "実在庫を数えてください"),
        heading=("Stock below zero", "マイナス在庫"),
        number="MUG-WHITE",
        status=3,
        note="nothing of it is promised or shown in a shop",
    ),
    aside(
        "a SKU twice in a count, with different units",
        K,
        to.row_again(1, "qty", "99", "utf-8"),
        "sku",
        DOUBLED,
        ROWS,
        count=2,
    ),
    wrong("a SKU in scientific notation", K, "sku", "1.23E+12", SCIENTIFIC, ANEW),
]
PRODUCTS = [
    wrong("a JAN code in scientific notation", P, "jan", "2.00E+12", SCIENTIFIC, ANEW),
    FileCase(
        "a JAN code without its leading zeros",
        P,
        cell(P, "jan", "15"),
        "taken",
        ("it has 2 digits; a JAN code has 8 or 13", "2 桁です。JAN コードは 8 桁か 13 桁です"),
        (
            "Correct it at its source; a spreadsheet program may have taken leading zeros",
            "元のデータを直してください。表計算ソフトで先頭の 0 が落ちた可能性があります",
        ),
        heading=("JAN code that cannot be right", "桁数の合わない JAN コード"),
        number="MUG-WHITE",
        note="taken, and told; 12 digits are a code of 13 whose zero is not written",
    ),
    wrong("a negative price", P, "price", "-1", between("0", "-")),
    wrong("a tax rate in words, in the product master", P, "tax_rate", "一割", NO_RATE),
]
CELLS = [*NUMBERS, *KEYS, *TIMES, *CODES, *PEOPLE, *WAREHOUSE, *PRODUCTS]
