"""One word for one thing: the Japanese catalogue keeps to the glossary."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalogue import read_catalogue
from ecsync.entities.codes import CODE_LISTS
from ecsync.finding_catalogue import CATALOGUE, HOLD_REASONS

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
ROW = re.compile(
    r"^\| (?P<english>[^|]+) \| (?P<japanese>[^|]+) \| (?P<meaning>[^|]+) \| (?P<code>[^|]+) \|$",
    re.MULTILINE,
)

# A word of a msgid, and the Japanese words of which one must stand in its translation.
TERMS = [
    (r"\ballocat(?:ed|ions?)\b", "引当"),
    (r"\bshipping instructions?\b", "出荷指示"),
    (r"\b(?:is not|be) instructed\b", "出荷指示"),
    (r"\brecalls?\b", "出荷止め依頼"),
    (r"\bshipping notices?\b", "出荷通知"),
    (r"\btracking number\b", "送り状番号"),
    (r"\bship date\b", "出荷日"),
    (r"\bis held\b|\bon hold\b|^held$", "要確認"),
    (r"\bwaits for payment\b", "入金待ち"),
    (r"\bwaits for stock\b|\bstock is short\b", "引当待ち"),
    (r"\bwaits for its ship date\b", "日付待ち"),
    (r"\bwaiting destinations\b", "引当待ち・日付待ち・入金待ち"),
    (r"\bjournal entr(?:y|ies)\b", "仕訳"),
    (r"\bbook(?:ed|ings?)\b", "計上"),
    (r"\breceivables\b", "売掛金"),
    (r"\bopening receivables\b", "売掛金の開始残高"),
    (r"\bthe opening\b(?! receivables)", ("開始データ", "開始時")),
    (r"\btax rates?\b", "税率"),
    (r"\bdry runs?\b", "試し実行"),
    (r"\breal run\b", "本番実行"),
    (r"\bproofs?\b", "照合"),
    (r"\bguard\b", "安全確認"),
    (r"\brows\b.*\b(?:could not be used|put aside)\b", "取込エラー"),
    (r"\boutcome is unknown\b|\barrived is not known\b", "送信結果不明"),
    (r"\bdelivery journal\b", "送信記録"),
    (r"\bplan no longer fits\b", "確認後に状況が変わりました"),
    (r"\bthe outbox\b", "送信"),
    (r"\bcut-over\b", "切替日"),
    (r"\bcut-off\b", "締め"),
    (r"\bcore system\b", "基幹システム"),
    (r"\bproduct master\b", "商品マスタ"),
    (r"\bwarehouse events?\b", "倉庫実績"),
    (r"\bwarehouse\b", "倉庫"),
    (r"\bthe mall\b", "モール"),
    (r"\bcustomers?\b", "お客様"),
    (r"\bpersonal data\b", "個人情報"),
    (r"\bpartner'?s?\b", ("連携先", "先方")),
    (r"\bendpoints?\b", "接続先"),
    (r"\bhost key\b", "ホスト鍵"),
    (r"\bfingerprint\b", "フィンガープリント"),
    (r"\bmappings?\b(?! of fields)", "マッピング"),
    (r"\bcode tables?\b", "コード表"),
    (r"\bflows?\b", "フロー"),
    (r"\bcancelled\b", "キャンセル"),
    (r"\bcancellation\b", "キャンセル"),
    (r"\bbackup\b", "バックアップ"),
    (r"\bbusiness date\b", "業務日付"),
    (r"\bexit status\b", "終了コード"),
    (r"\bstages?\b", "工程"),
    (r"\bset's components\b|\bset components\b", "セット"),
    (r"\bmore sold than there is\b", "売り越し"),
    (r"\bnot listed\b", "未出品"),
    (r"\bnot in the product master\b|\bproduct master does not know\b", "商品コード不明"),
    (r"\bon hand\b", "実在庫"),
    (r"\bsecret\b", "秘密の値"),
]

# What stands in a msgid and is not prose: placeholders, commands, options, keys and file names.
NO_PROSE = re.compile(r"`[^`]*`|\{[^{}]*\}|\[\w+\]|--[\w-]+|[\w{}.-]+\.(?:csv|toml|yaml|jsonl)\b|\b\w+_\w+\b")

MACHINE_ROOM = re.compile(
    r"隔離|アウトボックス|ステージ|ハッシュ|quarantine|outbox|stage|hash", re.IGNORECASE
)


def translations() -> Iterator[tuple[str, str]]:
    for message in read_catalogue("ja"):
        if message.id and message.string:  # what is missing, test_catalogues.py says
            english = message.id if isinstance(message.id, str) else message.id[0]
            yield english, message.string if isinstance(message.string, str) else " ".join(message.string)


def words_of(japanese: str | tuple[str, ...]) -> tuple[str, ...]:
    return (japanese,) if isinstance(japanese, str) else japanese


def staff_texts() -> set[str]:
    texts = {text for kind in CATALOGUE.values() for text in (kind.sentence, kind.action)}
    return (texts | {text for pair in HOLD_REASONS.values() for text in pair}) - {""}


@pytest.mark.parametrize(("english", "japanese"), TERMS, ids=[english for english, _japanese in TERMS])
def test_a_word_is_always_translated_in_the_same_way(english: str, japanese: str | tuple[str, ...]) -> None:
    pattern = re.compile(english, re.IGNORECASE)
    said = [(msgid, text) for msgid, text in translations() if pattern.search(NO_PROSE.sub(" ", msgid))]
    assert [pair for pair in said if not any(word in pair[1] for word in words_of(japanese))] == []


@pytest.mark.parametrize("japanese", sorted({word for _english, words in TERMS for word in words_of(words)}))
def test_the_glossary_knows_the_word(japanese: str) -> None:
    assert all(part in GLOSSARY for part in japanese.split("・"))


def test_staff_never_read_a_word_of_the_machine_room() -> None:
    spoken = dict(translations())
    assert {text: spoken[text] for text in staff_texts() if MACHINE_ROOM.search(spoken[text])} == {}


def test_every_row_of_the_glossary_is_whole_and_no_word_stands_twice() -> None:
    rows = [match.groupdict() for match in ROW.finditer(GLOSSARY)]
    english = [row["english"] for row in rows]
    lines = [line for line in GLOSSARY.splitlines() if line.startswith("| ")]
    headings = [line for line in lines if line.startswith("| English ")]
    assert len(rows) == len(lines), "every line of a table has four cells"
    assert len(set(english)) == len(english) - len(headings) + 1


def test_codes_that_the_glossary_names_exist() -> None:
    codes = {code for row in ROW.finditer(GLOSSARY) for code in re.findall(r"kind `(\w+)`", row["code"])}
    known = {code for values in CODE_LISTS.values() for code in values}
    assert codes <= known
