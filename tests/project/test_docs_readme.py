"""Both READMEs say the same, and the first shop that they describe works as it stands."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer.main

from ecsync.cli.app import build
from ecsync.config import load_settings

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
    assert tomllib.loads(blocks(ENGLISH, "toml")[0]) == tomllib.loads(blocks(JAPANESE, "toml")[0])


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


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Make the folders as the README's shell does, with its ecsync.toml and one shop's files."""
    script = blocks(ENGLISH, "sh")[1]
    folders = [
        folder for line in script.splitlines() if line.startswith("mkdir") for folder in line.split()[2:]
    ]
    for folder in folders:
        (tmp_path / folder).mkdir(parents=True)
    shop = tmp_path / "my-shop"
    (shop / "ecsync.toml").write_text(blocks(ENGLISH, "toml")[0], encoding="utf-8")
    sample = ROOT / "tests" / "fixtures" / "one-shop" / "noon"
    for name, place in {
        "products.csv": "core/products.csv",
        "stock.csv": "warehouse/out/stock.csv",
        "items.csv": "rakuten/in/dl-normal-item.csv",
        "orders.csv": "rakuten/in/order.csv",
    }.items():
        shutil.copy(sample / name, shop / "exchange" / place)
    return shop


def test_every_flow_of_the_first_shop_finds_its_folder(shop: Path) -> None:
    settings = load_settings(shop)
    root = shop / settings.endpoints["files"].root
    assert all((root / flow.path).is_dir() for flow in (*settings.inbound, *settings.outbound))


def test_the_first_shop_runs_as_it_is_told(shop: Path) -> None:
    told = [line.split()[1:] for line in without_comments(blocks(ENGLISH, "sh")[2])]
    assert told == [["init"], ["doctor"], ["sync", "night", "--dry-run"], ["sync", "night"]]
    sent = shop / "exchange" / "warehouse" / "in"
    ends = []
    for number, words in enumerate([*told, ["sync", "night"]]):
        if number == 3:
            assert not list(sent.iterdir()), "a dry run sends nothing"
        answer = subprocess.run(
            [sys.executable, "-m", "ecsync", "--as-of", "2026-11-24T12:00:00+09:00", *words],
            cwd=shop,
            capture_output=True,
            check=False,
        )
        ends.append(answer.returncode)
    # Somebody is needed: a line is oversold. The last run finds the same and sends nothing new.
    assert ends == [0, 0, 3, 3, 3]
    assert [path.name for path in sent.iterdir()] == ["instruction_20261124_001.csv"]
