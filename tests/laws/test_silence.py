"""Law 9: no personal data and no secret in a log line, an error, a report or database error text, whatever fails."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from ecsync.entities.inbound import ORDER_LINES
from face import speaker
from shop import NIGHT, NOON, SAMPLE, Shop

if TYPE_CHECKING:
    from pathlib import Path

PASSWORD = "canary-secret-90210"
CANARIES = {
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
}
WORDS = [*(value.splitlines()[-1] for value in CANARIES.values()), PASSWORD]


def with_canaries(content: bytes) -> bytes:
    rows = list(csv.reader(io.StringIO(content.decode("cp932"), newline="")))
    header = rows[0]
    for row in rows[1:]:
        for name, value in CANARIES.items():
            row[header.index(name)] = value
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode("cp932")


def damaged(kind: str, content: bytes) -> bytes:
    """Return the order file with one kind of damage in or around the personal columns."""
    text = content.decode("cp932")
    changes = {
        "whole": text,
        "cut": text[: len(text) * 2 // 3],
        "bad number": text.replace('"550"', '"五百五十"', 2),
        "bad date": text.replace("2026-11-23 21:05:11", "きのうの夜"),
        "unknown status": text.replace('"300"', '"301"', 1),
        "unknown payment": text.replace("クレジットカード", "物々交換", 1),
        "missing column": text.replace('"注文番号"', '"番号"', 1),
        "glued": text.replace('"金糸雀姓"', '"金糸雀姓"金糸雀姓', 1),
        "ragged": text.replace('"金糸雀姓",', '"金糸雀姓","金糸雀姓",', 1),
        "excel": text.replace('"000001-20261124-0000000003"', '"1.23E+12"', 1),
        "nul": text.replace("金糸雀名", "金糸\0雀名", 1),
    }
    if kind == "wrong encoding":
        return text.encode("utf-8")
    return changes[kind].encode("cp932")


KINDS = (
    "whole", "cut", "bad number", "bad date", "unknown status", "unknown payment", "missing column", "glued",
    "ragged", "excel", "nul", "wrong encoding",
)  # fmt: skip


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


@pytest.mark.parametrize("kind", KINDS)
def test_canaries_stay_silent_in_every_command_over_every_damaged_file(
    tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = Shop(tmp_path / "shop").set_up()
    ecsync = speaker(capsys, shop.project)
    shop.place(NOON)
    orders = next(p for p in NOON.place if p.to.startswith("rms/orders"))
    content = with_canaries((SAMPLE / orders.file).read_bytes())
    shop.put(orders.to, damaged(kind, content), orders.mtime)
    at = NOON.at.isoformat()
    said = []
    for words in (
        ["sync", "noon", "--dry-run", "--as-of", at, "--verbose"],
        ["sync", "noon", "--as-of", at, "--verbose"],
        ["sync", "night", "--as-of", NIGHT.at.isoformat(), "--json"],
        ["quarantine", "list"],
        ["outbox", "list", "--all"],
        ["runs", "show", "1"],
        ["doctor"],
    ):
        done = ecsync(*words)
        said.append(done.out + done.err)
        assert done.status not in {1, 2}, (words, done.err)
    findings = "\n".join(str(row) for row in shop.rows("SELECT code, subject, params FROM finding"))
    told = "\n".join(str(row) for row in shop.rows("SELECT reason, detail FROM inbox_file, outbox_file"))
    for text in (*said, findings, told, reports_of(shop)):
        assert heard(text) == []
    journal = shop.project / "outbox" / "journal.jsonl"
    assert not journal.exists() or heard(journal.read_text(encoding="utf-8")) == []


def test_the_canaries_cover_every_personal_column_of_an_order() -> None:
    personal = {column.name for column in ORDER_LINES.columns if column.personal}
    assert len(personal) >= 14
    assert len(CANARIES) >= len(personal) - 4  # name and phone columns are joined from several


def test_a_secret_stays_silent_when_the_partner_refuses_it(tmp_path: Path) -> None:
    refused = (
        '[endpoints.rms]\nkind = "sftp"\nhost = "127.0.0.1"\nport = 1\nuser = "rms"\n'
        'password = { env = "CANARY_PASSWORD" }\nhost_key = "SHA256:AAAA"\ntimeout_seconds = 1\nretries = 0\n\n'
    )
    shop = Shop(tmp_path / "shop", environment={"CANARY_PASSWORD": PASSWORD}).set_up()
    path = shop.project / "ecsync.toml"
    text = path.read_text(encoding="utf-8")
    start, end = text.index("[endpoints.rms]"), text.index("[endpoints.erp]")
    path.write_text(text[:start] + refused + text[end:], encoding="utf-8")
    done = shop.command("sync", "noon", "--as-of", NOON.at.isoformat(), "--verbose")
    assert done.returncode == 13, done.stderr
    assert heard(done.stdout + done.stderr) == []


def test_a_database_address_stays_silent_when_the_database_is_away(tmp_path: Path) -> None:
    address = f"postgresql://someone:{PASSWORD}@127.0.0.1:1/nowhere"
    shop = Shop(tmp_path / "shop").set_up()
    path = shop.project / "ecsync.toml"
    text = path.read_text(encoding="utf-8").replace('path = "data/ecsync.db"', 'url = { env = "CANARY_URL" }')
    path.write_text(text, encoding="utf-8")
    done = shop.command("sync", "noon", "--verbose", environment={"CANARY_URL": address})
    assert done.returncode == 15, done.stderr
    assert heard(done.stdout + done.stderr) == []


def test_a_literal_secret_in_the_settings_is_refused_without_being_said(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop").set_up()
    path = shop.project / "ecsync.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text + f'\n[endpoints.extra]\nkind = "sftp"\nhost = "h"\nuser = "u"\npassword = "{PASSWORD}"\n'
    )
    done = shop.command("sync", "noon")
    assert done.returncode == 10, done.stderr
    assert heard(done.stdout + done.stderr) == []
