"""Both READMEs say the same, and the first shop that they describe works as it stands."""

import csv
import io
import os
import re
import shlex
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer.main

from ecsync.cli import main
from ecsync.cli.app import build
from ecsync.shipped import mappings_dir
from face import process_as_it_was

ROOT = Path(__file__).resolve().parents[2]
ENGLISH = (ROOT / "README.md").read_text(encoding="utf-8")
JAPANESE = (ROOT / "README.ja.md").read_text(encoding="utf-8")
BOTH = {"README.md": ENGLISH, "README.ja.md": JAPANESE}


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def without_comments(shell: str) -> list[str]:
    return [re.split(r"\s+#", line)[0] for line in shell.splitlines()]


def levels(text: str) -> list[str]:
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return list(re.findall(r"^(#+) ", prose, re.MULTILINE))


def commands_of(text: str) -> list[str]:
    return re.findall(r"^\| `ecsync ([\w ]+)` \|", text, re.MULTILINE)


def commands_there_are() -> list[str]:
    names = []
    for name, command in typer.main.get_command(build()).commands.items():  # type: ignore[attr-defined]
        below = getattr(command, "commands", None)
        names += [f"{name} {sub}" for sub in below] if below else [name]
    return names


def test_both_have_the_same_headings_tables_and_links() -> None:
    assert levels(ENGLISH) == levels(JAPANESE)
    for sign in (r"^\|", r"^- "):
        assert len(re.findall(sign, ENGLISH, re.MULTILINE)) == len(re.findall(sign, JAPANESE, re.MULTILINE))
    others = re.compile(r"\]\(((?!README)[^)]+)\)")
    assert others.findall(ENGLISH) == others.findall(JAPANESE)


def test_both_show_the_same_commands_and_the_same_configuration() -> None:
    for english, japanese in zip(blocks(ENGLISH, "sh"), blocks(JAPANESE, "sh"), strict=True):
        assert without_comments(english) == without_comments(japanese)


@pytest.mark.parametrize("name", BOTH)
def test_the_table_lists_every_command_and_no_other(name: str) -> None:
    assert sorted(commands_of(BOTH[name])) == sorted(commands_there_are())
    assert commands_of(ENGLISH) == commands_of(JAPANESE)


@pytest.mark.parametrize("name", BOTH)
def test_every_target_of_make_that_it_names_exists(name: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", BOTH[name], re.MULTILINE)) <= targets


@pytest.mark.parametrize("name", BOTH)
def test_every_page_of_the_docs_is_listed(name: str) -> None:
    pages = {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")}
    assert pages <= set(re.findall(r"\]\((docs/[\w.-]+)\)", BOTH[name]))


# A shop's own export, as its partner's sample shows it, and an order number as the shop writes it.
NEWCOMERS = {
    "rakuten": ("rakuten/samples/orders/158-columns.csv", "000001-"),
    "shopify": ("shopify/samples/orders/79-columns.csv", "#"),
}
NOON = datetime(2026, 11, 24, 3, tzinfo=UTC)


def steps() -> list[list[str]]:
    """Return what the page tells a newcomer to type, from the project's making on."""
    script = "\n".join(block for block in blocks(ENGLISH, "sh") if "pip install" not in block)
    lines = [words for line in without_comments(script) if (words := shlex.split(line))]
    return lines[next(n for n, words in enumerate(lines) if words[:2] == ["ecsync", "init"]) :]


def enter(path: Path, column: str, value: str) -> None:
    """Enter what is missing in a column of a table, as the page asks of a person."""
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    assert rows
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({**row, column: row[column] or value} for row in rows)
    path.write_bytes(out.getvalue().encode("utf-8-sig"))


@pytest.mark.parametrize("platform", NEWCOMERS)
def test_a_newcomer_who_types_it_sees_their_orders_and_then_what_would_ship(
    platform: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sample, number = NEWCOMERS[platform]
    shutil.copy(mappings_dir() / sample, tmp_path / "orders.csv")
    os.utime(tmp_path / "orders.csv", (NOON.timestamp() - 3600,) * 2)
    monkeypatch.chdir(tmp_path)
    told = []
    for words in steps():
        if words[0] == "cd":
            monkeypatch.chdir(Path.cwd() / words[1])
        elif words[0] == "cp":
            enter(Path(words[1]), "qty", "20")
            enter(Path("exchange/office/products/products.csv"), "tax_rate", "8")
            shutil.copy(words[1], words[2])
            os.utime(Path(words[2]) / words[1], (NOON.timestamp() - 60,) * 2)
        else:
            assert words[0] == "ecsync", words
            with process_as_it_was():
                status = main([*words[1:], "--as-of", NOON.isoformat(), "--lang", "en"])
            said = capsys.readouterr()
            assert status in {0, 3}, said.err
            told.append((words[1], said.out))
    assert [name for name, _out in told] == ["init", "doctor", "sync", "sync"]
    assert all(number in out for name, out in told if name == "sync"), "order numbers as the shop shows them"
    shop = tmp_path / "my-shop"
    assert list((shop / "exchange/warehouse/instructions").iterdir()) == [], "nothing is sent"
    assert list((shop / "reports/dry-run").rglob("files/warehouse/instructions/*.csv")), (
        "what a real run would send"
    )
    assert (shop / "exchange" / f"{platform}1" / "orders" / "orders.csv").is_file(), "and nothing is moved"
