"""Configuration, database, two files that contradict each other, cuts at every byte, and bombs."""

from __future__ import annotations

from bad_input.trouble import Trouble

NOTHING = "no file was taken, nothing was decided or sent"
CONFIGURATION = [
    Trouble(
        "a literal secret in ecsync.toml",
        "literal secret",
        10,
        ("a secret is written as {env = ...}", "秘密の値は {env = ...}"),
        f"{NOTHING}; the secret is not said",
    ),
    Trouble("ecsync.toml is no TOML", "no toml", 10, ("is not TOML", "TOML として読めません"), NOTHING),
    Trouble("ecsync.toml is no UTF-8", "no utf-8", 10, ("is not UTF-8", "UTF-8 ではありません"), NOTHING),
    Trouble(
        "an unknown word in ecsync.toml",
        "unknown word",
        10,
        ("is wrong: lucky", "に誤りがあります: lucky"),
        NOTHING,
    ),
    Trouble(
        "brackets nested ten thousand deep in ecsync.toml",
        "deep toml",
        10,
        ("is nested too deeply", "入れ子が深すぎます"),
        NOTHING,
    ),
    Trouble(
        "a YAML alias bomb in owners.yaml",
        "bomb in owners",
        10,
        ("anchors, aliases and tags are not read", "アンカー、別名、タグは読みません"),
        NOTHING,
    ),
    Trouble(
        "owners.yaml nested ten thousand deep",
        "deep owners",
        10,
        ("is nested too deeply", "入れ子が深すぎます"),
        NOTHING,
    ),
    Trouble(
        "a YAML alias bomb in a mapping",
        "bomb in mapping",
        10,
        (
            "anchors, aliases and tags are no part of a mapping",
            "マッピングではアンカー、別名、タグを使えません",
        ),
        NOTHING,
    ),
    Trouble(
        "a mapping nested ten thousand deep",
        "deep mapping",
        10,
        ("nested too deeply", "入れ子が深すぎます"),
        NOTHING,
    ),
    Trouble(
        "a mapping of a megabyte",
        "large mapping",
        10,
        ("the file is larger than 524288 bytes", "524288 バイトを超えています"),
        NOTHING,
    ),
]
DATABASE = [
    Trouble(
        "the database is locked by another program (SQLite)",
        "locked",
        15,
        ("the database is busy", "データベースが使用中です"),
        "nothing was kept or sent; the next run takes the same files",
    ),
    Trouble(
        "the database file is full (SQLite)",
        "full",
        15,
        ("the database is away", "データベースにつながりません"),
        "the transaction is undone; the next run takes the same files",
    ),
    Trouble(
        "the database is lost in mid-transaction (PostgreSQL)",
        "lost",
        15,
        ("the database is away", "データベースにつながりません"),
        "the transaction is undone by the server; the next run takes the same files",
    ),
    Trouble(
        "a table is locked by another program (PostgreSQL)",
        "table locked",
        15,
        ("the database is away", "データベースにつながりません"),
        "the transaction is undone; the next run takes the same files",
    ),
]
TWO_FILES = [
    Trouble(
        "two files of the same time that say different things of an order",
        "contradiction",
        3,
        (
            "Two files of the same time say different things about the order",
            "同じ時点の2つのファイルで、受注の内容が違います",
        ),
        "neither is taken for the truth: the rows are put aside, the order is held; a newer file settles it",
    ),
    Trouble(
        "an older file after a newer one",
        "older",
        0,
        note="the newer content stays; the older file is put away",
    ),
]
CUTS = Trouble(
    "a file cut at every byte",
    "cuts",
    3,
    ("File not taken in", "取り込めなかったファイル"),
    "refused at every byte but those between two whole rows: no half row is ever taken. A file that ends exactly "
    "behind a row cannot be told from a shorter one; `guard = { min_rows, min_share_of_usual }` stops what is far "
    "too short",
)
BOMBS = Trouble(
    "gzip and zip bombs, a cell of 100 MB, 10,000 columns, all at once",
    "bombs",
    14,
    ("File not taken in", "取り込めなかったファイル"),
    "stopped within two seconds and 300 MB; nothing is unpacked",
)
UNTOLD = [
    "a leading zero that is lost in a SKU, an order number or an item key: they have no known length",
    "a JAN code of 13 digits that has lost one zero: 12 digits are a code of their own, and the same one",
    "a tracking number of Japan Post that has lost a zero: it has numbers of 11 digits too",
    "a file that was cut exactly behind a row, where no guard of the flow knows how long it should be",
    "a file of ASCII alone: it is the same in UTF-8, cp932 and EUC-JP",
    "a date whose day and month were exchanged, where both are possible",
]
