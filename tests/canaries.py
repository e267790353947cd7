"""Unique strings in every personal field of every channel: whoever says one of them has told on a customer."""

from __future__ import annotations

from shop import Shop

PASSWORD = "canary-secret-90210"
# Per partner's file: the columns of people, and what stands in them.
CANARIES = {
    "rakuten/orders": {
        "注文者姓": "金糸雀姓",
        "注文者名": "金糸雀名",
        "注文者姓カナ": "カナリヤセイ",
        "注文者名カナ": "カナリヤメイ",
        "注文者住所郡市区": "金糸雀市鳥籠区",
        "注文者住所それ以降の住所": "止り木町１の２の３金糸雀荘",
        "注文者電話番号3": "7071",
        "注文者メールアドレス": "canary-mail@example.jp",
        "送付先姓": "送付金糸雀",
        "送付先名": "送付小鳥",
        "送付先姓カナ": "ソウフカナリヤ",
        "送付先名カナ": "ソウフコトリ",
        "送付先住所郡市区": "小鳥市翼区",
        "送付先住所それ以降の住所": "羽根町４の５の６小鳥荘",
        "送付先電話番号3": "7072",
        "コメント": "[配送日時指定:]\n秘密の呼鈴は鳴らさない",
        "のし": "御祝 金糸雀",
        "項目・選択肢": "名入れ:カナリヤ刻印",
    },
    "yahoo/orders": {
        "ShipName": "目白 四十雀",
        "ShipLastName": "目白",
        "ShipFirstName": "四十雀",
        "ShipNameKana": "メジロ ソウフ",
        "ShipCity": "目白市枝区",
        "ShipAddress1": "梢町1-2-3",
        "ShipAddress2": "目白荘",
        "ShipPhoneNumber": "090-0000-7073",
        "BillName": "鶯 目白",
        "BillNameKana": "メジロ チュウモン",
        "BillCity": "鶯市藪区",
        "BillAddress1": "藪町4-5-6",
        "BillAddress2": "鶯荘",
        "BillPhoneNumber": "090-0000-7074",
        "BillMailAddress": "mejiro-mail@example.jp",
        "BuyerComments": "秘密の勝手口へ",
    },
    "yahoo/order_items": {"SubCodeOption": "名入れ:メジロ刻印", "InscriptionValue": "メジロ刻印"},
    "shopify/orders": {
        "Email": "hiyodori-mail@example.jp",
        "Billing Name": "鵯 雲雀",
        "Billing Address1": "木の実町7-8-9",
        "Billing Address2": "鵯荘",
        "Billing City": "鵯市森区",
        "Billing Phone": "'+819000007075",
        "Shipping Name": "雛 雲雀",
        "Shipping Address1": "果実町1-2-3",
        "Shipping Address2": "雛荘",
        "Shipping City": "雛市巣区",
        "Shipping Phone": "'+819000007076",
        "Notes": "秘密の裏木戸へ",
    },
}
WORDS = [
    word
    for canaries in CANARIES.values()
    for value in canaries.values()
    for word in (value.splitlines()[-1].split(":")[-1],)
]
WORDS += ["目白", "四十雀", "雲雀", "7073", "7074", "7075", "7076", PASSWORD]


def with_canaries(name: str, rows: list[list[str]]) -> list[list[str]]:
    """Write canaries into the columns of people, but where a row is blank because another row of its order speaks."""
    header, *body = rows
    place = {header.index(column): value for column, value in CANARIES[name].items() if column in header}
    speaks = header.index("Billing Name") if name == "shopify/orders" else None
    return [
        header,
        *(
            row
            if speaks is not None and not row[speaks]
            else [place.get(at, cell) for at, cell in enumerate(row)]
            for row in body
        ),
    ]


def heard(text: str) -> list[str]:
    return [word for word in WORDS if word in text]


def reports_of(shop: Shop) -> str:
    return "\n".join(
        path.read_text(encoding="utf-8", errors="replace")
        for folder in ("reports", "data")
        for path in sorted((shop.project / folder).rglob("*"))
        if path.is_file()
        and path.suffix in {".json", ".txt", ".log", ".html", ".csv"}
        and "files" not in path.parts
    )


def told_in_master(shop: Shop) -> str:
    """Return every text of the master that people or programs are shown of a run."""
    queries = (
        "SELECT code, subject, params FROM finding",
        "SELECT name, reason FROM inbox_file",
        "SELECT remote_name, detail FROM outbox_file",
        "SELECT column_name, reason, params FROM quarantined_row",
    )
    return "\n".join(str(row) for query in queries for row in shop.rows(query))


def journal_of(shop: Shop) -> str:
    """Return the delivery journal."""
    path = shop.project / "outbox" / "journal.jsonl"
    return path.read_text(encoding="utf-8") if path.exists() else ""
