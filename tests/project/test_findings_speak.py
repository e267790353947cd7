"""A finding is said in the reader's language, with every word in it that is ours."""

import pytest

from ecsync.exchange.delivery import BEHIND, DAMAGED, MISDIRECTED
from ecsync.exchange.inbox import NAME_WITHOUT_DATE
from ecsync.finding_catalogue import CATALOGUE
from ecsync.findings import Finding
from ecsync.locale import speaking


@pytest.mark.parametrize("reason", [BEHIND, DAMAGED, MISDIRECTED])
def test_a_reason_that_is_a_text_of_ours_is_translated(reason: str) -> None:
    finding = Finding("delivery_waits", "stock.csv", {"reason": reason})
    with speaking("en"):
        assert finding.sentence() == f"stock.csv waits to be sent: {reason}"
    with speaking("ja"):
        assert finding.sentence().startswith("stock.csv は送信待ちです。")
        assert reason not in finding.sentence()


def test_a_reason_that_was_said_already_stays_as_it_is() -> None:
    finding = Finding("file_refused", "orders.csv", {"reason": "中身が空です (1 行目)"})
    with speaking("ja"):
        assert finding.sentence() == "ファイル orders.csv を取り込めませんでした。中身が空です (1 行目)"


def test_a_file_without_its_date_is_refused_in_words() -> None:
    finding = Finding("file_refused", "stock.csv", {"reason": NAME_WITHOUT_DATE})
    with speaking("ja"):
        assert NAME_WITHOUT_DATE not in finding.sentence()


def test_other_parameters_are_data_and_stay() -> None:
    finding = Finding("unknown_columns", "orders.csv", {"columns": "order"})
    with speaking("ja"):
        assert "(order)" in finding.sentence()


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_kind_of_finding_has_its_words_for_staff(code: str) -> None:
    kind = CATALOGUE[code]
    assert kind.what, (
        f"{code}: add what=, a heading that leaves the subject out, and why= (report.staff_lines)"
    )
    assert kind.scope, f"{code}: add scope=, what its subject names (finding_catalogue.Scope)"
