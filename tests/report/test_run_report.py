"""The report of a run: in the order in which staff act, whole in every form, from the master as from the run."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import openpyxl
import pytest

from ecsync.locale import speaking
from ecsync.report import filing
from ecsync.report.render import Form, render
from ecsync.report.run_report import FIRST, report_of
from ecsync.report.run_summary import facts_of
from ecsync.run.history import facts_of as facts_of_run
from ecsync.run.standing import reading
from face import speaker
from story_shop import StoryShop, an_order, moment
from told_run import FILE, PROOF, SENT, SETTINGS, a_finding, an_order_that_stands, told

GOLDEN = Path(__file__).parent / "golden"
NOON = ("--as-of", moment("12:00").isoformat())
FACTS = told(
    a_finding("short_pick"),
    a_finding("stock_differs"),
    a_finding("recall_requested"),
    a_finding("file_missing"),
    files=(FILE,),
    sent=(SENT,),
    proofs=(PROOF,),
    standing=(
        an_order_that_stands(2, "hold", "bad_address"),
        an_order_that_stands(3, "money"),
        an_order_that_stands(4, "date", until="2026-11-26"),
    ),
    figures={
        "orders_new": 2,
        "orders_new_yen": 12340,
        "parcels_instructed": 1,
        "units_instructed": 3,
        "standing_hold": 1,
        "standing_hold_yen": 4000,
        "standing_money": 1,
        "standing_money_yen": 5000,
        "change:sales_order": 2,
    },
)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_text_of_a_small_run(language: str) -> None:
    with speaking(language):
        text = render(report_of(FACTS, SETTINGS), Form.TEXT).decode()
    assert text == (GOLDEN / f"noon.{language}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_structure_of_the_page(language: str) -> None:
    with speaking(language):
        page = render(report_of(FACTS, SETTINGS), Form.HTML).decode()
    found = re.findall(
        r'<h([1-3])[^>]*>([^<]*)<|<th scope="col"[^>]*>([^<]*)<|<a href="(#[^"]*)">([^<]*)<', page
    )
    outline = [
        f"{'#' * int(level)} {heading}"
        if level
        else f"  | {column}"
        if column
        else f"-> {target} {link.strip()}"
        for level, heading, column, target, link in found
    ]
    assert "\n".join(outline) + "\n" == (GOLDEN / f"noon.{language}.outline").read_text(encoding="utf-8")
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(re.findall(r'id="([^"]+)"', page))


def test_the_report_opens_with_the_cut_off_then_today_then_the_rest() -> None:
    with speaking("ja"):
        report = report_of(FACTS, SETTINGS)
    wanted = ["本日の締め(12:30)までにすること", "今日中", "参考"]
    assert [block.heading for block in report.blocks[1:4]] == wanted
    for page in report.all_pages:
        assert [block.heading for block in page.blocks[:3]] == wanted, page.title
        assert [block.when for block in page.blocks[:3]] == ["cut_off", "today", "note"]
    assert [page.title for page in report.all_pages] == [
        "全体",
        "受注",
        "出荷",
        "商品・在庫",
        "経理",
        "責任者",
    ]


def test_every_file_is_named_with_its_as_of() -> None:
    with speaking("ja"):
        report = report_of(FACTS, SETTINGS)
    assert "楽天市場 みなと雑貨店の受注 11/22(日) 08:12 時点" in report.about
    orders = next(page for page in report.all_pages if page.title == "受注")
    assert orders.blocks[-1].rows[0][:4] == ("楽天市場 みなと雑貨店", "受注", "11/22(日) 08:12 時点", 5)


def test_the_manager_reads_counts_yen_who_waits_proofs_and_what_was_sent() -> None:
    with speaking("ja"):
        page = render(report_of(FACTS, SETTINGS), Form.HTML).decode().partition('id="page-6"')[2]
    for said in (
        "だれが何を待っているか",
        "¥12,340(税込)",
        "1個口",
        "3点",
        "送信済み",
        "件数・個数・金額の照合",
        "¥4,000(税込)",
    ):
        assert said in page


def many(count: int) -> list:
    return [an_order_that_stands(number, "hold", "bad_address") for number in range(1, count + 1)]


def test_a_long_list_is_counted_never_cut_silently() -> None:
    facts = told(a_finding("short_pick"), standing=(*many(FIRST + 132), an_order_that_stands(999, "money")))
    with speaking("ja"):
        report = report_of(facts, SETTINGS, place="reports/run-000012.html")
        text = render(report, Form.TEXT).decode()
        page = render(report, Form.HTML).decode()
        book = openpyxl.load_workbook(io.BytesIO(render(report, Form.XLSX)))
        rows = list(csv.DictReader(io.StringIO(render(report, Form.CSV).decode("utf-8-sig"))))
    assert f"● 要確認 {FIRST + 132}件" in text
    assert "他 132件(reports/run-000012.html にすべてあります)" in text
    assert text.count("住所に不足があります") == FIRST
    assert "入金待ち 1件" in text, "a long list hides no short one"
    assert "<summary>他 132件</summary>" in page
    assert page.count("住所に不足があります") == FIRST + 132
    assert len(rows) == FIRST + 132 + 2
    sheet = [cell for row in book["受注"].iter_rows(values_only=True) for cell in row]
    assert sheet.count("住所に不足があります") == FIRST + 132


def test_a_workbook_has_a_summary_and_a_sheet_per_desk_with_a_frozen_header_and_a_filter() -> None:
    with speaking("ja"):
        book = openpyxl.load_workbook(io.BytesIO(render(report_of(FACTS, SETTINGS), Form.XLSX)))
    assert book.sheetnames == ["全体", "受注", "出荷", "商品・在庫", "経理", "責任者"]
    for name in ("受注", "出荷", "商品・在庫", "責任者"):
        sheet = book[name]
        header = next(cell.row for row in sheet.iter_rows() for cell in row if cell.value == "期限")
        assert sheet.freeze_panes == f"A{header + 1}"
        assert sheet.auto_filter.ref.startswith(f"A{header}:H")
    held = [row for row in book["受注"].iter_rows(values_only=True) if row[3] == "要確認"]
    assert held[0][:3] == ("本日中", "楽天市場 みなと雑貨店", "000001-20261124-0000000002")
    summary = [cell for row in book["全体"].iter_rows(values_only=True) for cell in row]
    assert {"本日の締め(12:30)までにすること", "送信状況", "件数・個数・金額の照合", 12340} <= set(summary)


def test_nothing_to_do_is_said() -> None:
    with speaking("ja"):
        text = render(report_of(told(), SETTINGS), Form.TEXT).decode()
    assert text.count("なし") >= 3


@pytest.mark.parametrize(
    ("facts", "title"),
    [
        ({"dry": True}, "昼の実行: 試し実行(送信なし)"),
        ({"state": "failed"}, "昼の実行(失敗、何も送っていません)"),
        ({}, "昼の実行"),
    ],
)
def test_the_title_says_whether_anything_was_sent(facts: dict, title: str) -> None:
    with speaking("ja"):
        assert report_of(told(**facts), SETTINGS).blocks[0].heading == title


def test_csv_and_json_hold_every_line_whole() -> None:
    with speaking("ja"):
        report = report_of(FACTS, SETTINGS)
        rows = list(csv.DictReader(io.StringIO(render(report, Form.CSV).decode("utf-8-sig"))))
        data = json.loads(render(report, Form.JSON))
    assert [row["番号・ファイル名"] for row in rows] == [line["number"] for line in data["lines"]]
    assert rows[0] == {
        "期限": "締めまで",
        "店舗・連携先": "楽天市場 みなと雑貨店",
        "番号・ファイル名": "000001-20261124-0000000001",
        "内容": "欠品",
        "理由": "商品 TOWEL-L が 2 点足りません",
        "対処": "棚の実在庫を数え、残りが遅れるときはお客様に連絡してください",
        "いつまでに": "12:30 まで",
        "担当": "出荷",
    }
    assert {line["deadline"] for line in data["lines"]} == {"cut_off", "today", "note"}
    assert data["proofs"][0]["holds"] is True


def test_contacts_stand_on_lines_of_orders_only_when_they_are_handed_in() -> None:
    contacts = {("rakuten1", "000001-20261124-0000000002"): "試験 花子 090-0000-0001"}
    with speaking("ja"):
        private = render(report_of(FACTS, SETTINGS, contacts=contacts), Form.CSV).decode()
        public = render(report_of(FACTS, SETTINGS), Form.CSV).decode()
    assert private.count("試験 花子") == 1
    assert "試験" not in public


# A run that really was.


def facts_in(story: StoryShop, run_id: int = 1):
    with reading(story.shop.settings) as conn:
        return facts_of_run(conn, run_id)


def test_the_master_gives_the_report_that_the_run_gave(noon: StoryShop) -> None:
    outcome = noon.run("noon", moment("12:00"))
    told_by_run = facts_of(outcome, noon.shop.settings)
    kept = facts_in(noon)
    assert kept.findings == told_by_run.findings
    assert kept.files == told_by_run.files != ()
    assert kept.proofs == told_by_run.proofs != ()
    assert kept.standing == told_by_run.standing != ()
    assert kept.figures == told_by_run.figures
    assert kept.figures["orders_new"] == 3
    assert [sent.sha256 for sent in kept.sent] == [sent.sha256 for sent in told_by_run.sent]
    assert {sent.state for sent in kept.sent} == {"verified"}


def test_an_old_report_stays_as_it_was_when_later_runs_move_on(noon: StoryShop, capsys) -> None:
    ecsync = speaker(capsys, noon.shop.project)
    noon.run("noon", moment("12:00"))
    before = ecsync("runs", "show", "1", "--format", "html").out
    noon.count(moment("13:00"), TOWEL_L=30)
    noon.orders(moment("13:30"), an_order(2, ("TOWEL-L", 1)), an_order(3, ("TOWEL-L", 9)))
    noon.run("noon", moment("14:00"))
    assert facts_in(noon, 2).standing != facts_in(noon, 1).standing
    assert ecsync("runs", "show", "1", "--format", "html").out == before
    stretches = noon.shop.rows("SELECT order_no, kind, first_run, last_run FROM standing_order ORDER BY 1, 2")
    assert {(first, last) for _no, _kind, first, last in stretches} == {(1, 2)}
    noon.run("noon", moment("14:30"))
    assert noon.shop.rows("SELECT COUNT(*) FROM standing_order") == [(len(stretches),)], (
        "nothing is written twice"
    )


def test_a_run_leaves_its_report_for_its_owner_in_the_project_s_language(noon: StoryShop, capsys) -> None:
    ecsync = speaker(capsys, noon.shop.project)
    ecsync("sync", "noon", *NOON, lang="en")
    path = noon.shop.project / filing.place_of(1)
    page = path.read_text(encoding="utf-8")
    assert '<html lang="ja">' in page
    assert "本日の締め(12:30)までにすること" in page
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in path.parent.iterdir()] == [path.name], "no half-written file beside it"
    assert ecsync("runs", "show", "1", "--format", "html", lang="ja").out == page


def test_a_dry_run_leaves_its_report_in_the_plan_and_the_plan_still_applies(noon: StoryShop, capsys) -> None:
    ecsync = speaker(capsys, noon.shop.project)
    folder = noon.shop.root / "plan"
    assert ecsync("plan", "noon", *NOON, "--out", str(folder)).status in {0, 3}
    page = (folder / filing.PLAN_REPORT).read_text(encoding="utf-8")
    assert "試し実行(送信なし)" in page
    assert (folder / filing.PLAN_REPORT).stat().st_mode & 0o777 == 0o600
    assert ecsync("apply", str(folder)).status in {0, 3}


def test_a_failed_run_leaves_a_report_that_says_so(noon: StoryShop, capsys, monkeypatch) -> None:
    from ecsync.errors import ProofError

    def break_down(*_args):
        message = "proof orders.yen does not hold"
        raise ProofError(message)

    monkeypatch.setattr("ecsync.run.prove.prove", break_down)
    ecsync = speaker(capsys, noon.shop.project)
    done = ecsync("sync", "noon", *NOON)
    assert done.status not in {0, 3}
    page = (noon.shop.project / filing.place_of(1)).read_text(encoding="utf-8")
    assert "失敗、何も送っていません" in page
    assert filing.place_of(1) in done.err


def test_a_disk_that_refuses_the_report_does_not_change_the_run(noon: StoryShop, capsys) -> None:
    (noon.shop.project / filing.place_of(1) / "in the way").mkdir(parents=True)
    done = speaker(capsys, noon.shop.project)("sync", "noon", *NOON)
    assert done.status == 3
    assert noon.shop.rows("SELECT state FROM run") == [("delivered",)]


def test_personal_data_is_written_only_into_a_file_that_was_asked_for(noon: StoryShop, capsys) -> None:
    ecsync = speaker(capsys, noon.shop.project)
    ecsync("sync", "noon", *NOON)
    refused = ecsync("runs", "show", "1", "--with-personal")
    assert refused.status == 2
    assert "--out" in refused.err
    path = noon.shop.root / "private.csv"
    ecsync("runs", "show", "1", "--with-personal", "--out", str(path))
    assert path.stat().st_mode & 0o777 == 0o600
    assert "髙橋" in path.read_text(encoding="utf-8")
    for form in ("text", "json", "csv", "html"):
        assert "髙橋" not in ecsync("runs", "show", "1", "--format", form).out, form
    assert "髙橋" not in (noon.shop.project / filing.place_of(1)).read_text(encoding="utf-8")


def test_piped_output_is_whole_at_lang_c_and_80_columns(noon: StoryShop) -> None:
    done = noon.shop.command("sync", "noon", *NOON, environment={"COLUMNS": "80", "LC_ALL": "C"})
    assert done.returncode == 3
    assert "000001-20261124-0000000003" in done.stdout
    assert "…" not in done.stdout
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) > 80, "no line is folded where there is no terminal"
    assert noon.shop.project.joinpath(filing.place_of(1)).is_file()
