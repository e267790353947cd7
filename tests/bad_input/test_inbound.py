"""Bad inbound files through the command: what is said in both languages, the status, and that nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from bad_input.cases_cells import CELLS
from bad_input.cases_files import FILES
from bad_input.cases_shop import LATER, MENDED, NOON, CasesShop
from bad_input.conftest import Kept
from bad_input.inbound import lines_of
from bad_input.noon import (
    LANGUAGES,
    OTHERS,
    SEVERAL,
    Given,
    command,
    given,
    lost,
    told_on,
    unlike,
    wrongly_said,
)

CASES = {case.name: case for case in (*FILES, *CELLS)}
# What can come in one noon, each case with orders of its own: all but those that say of one parcel, SKU or product
# what the others contradict.
TOGETHER = [case for case in CASES.values() if case.fate != "taken" or case.flow in SEVERAL]
CONTRADICTING = {case.name for case in CASES.values()} - {case.name for case in TOGETHER}
A_FEW = [
    "an empty file", "only the header", "a renamed column", "EUC-JP where cp932 is declared", "a NUL byte",
    "a gzip bomb", "a quantity in words", "an order number in scientific notation",
    "a line twice, with different content",
    "a tracking number in scientific notation", "a SKU twice in a count, with different units",
    "a JAN code in scientific notation",
]  # fmt: skip
RUN = ("sync", "noon", "--format", "csv", "--as-of", NOON.isoformat())


def noon_with(kept: Kept, root: Path, givens: list[Given], *, bad: bool) -> CasesShop:
    """Put the files of a noon into a shop of its own: the bad ones, or those without what the bad ones keep out."""
    shop = kept.before.copy(root)
    for one in givens:
        content = one.bad if bad else one.rest
        if content is not None:
            one.put(shop, content)
    for flow in OTHERS:
        shop.put(flow, kept.files[flow])
    return shop


def test_all_of_them_in_one_noon(kept: Kept, memory_folder: Path) -> None:
    givens = [given(case, kept.files, series) for series, case in enumerate(TOGETHER, start=1)]
    shop = noon_with(kept, memory_folder / "together", givens, bad=True)
    before = shop.shop.master(), shop.shop.remote()
    dry = command(shop, "en", *RUN, "--dry-run")
    assert (shop.shop.master(), shop.shop.remote()) == before
    real = command(shop, "ja", *RUN)
    assert (dry.status, real.status) == (3, 3)
    wrong = {
        (one.case.name, LANGUAGES[language]): fault
        for language, said in enumerate((dry, real))
        for one in givens
        if (fault := wrongly_said(one, language, lines_of(said.out)))
    }
    assert wrong == {}
    assert {one.case.name: faults for one in givens if (faults := list(lost(one, shop)))} == {}
    others = shop.shop.rows("SELECT COUNT(*) FROM sales_order WHERE channel = 'yahoo'")
    assert others == [(2,)], "the other channel's orders were taken"
    assert told_on(shop, dry, real, command(shop, "ja", "quarantine", "list")) == []


SHARDS = [[case.name for case in TOGETHER[shard::4]] for shard in range(4)]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "names", [A_FEW, *(pytest.param(names, marks=pytest.mark.slow) for names in SHARDS)], ids=["few", *"abcd"]
)
def test_after_the_mended_files_it_is_as_if_the_bad_ones_had_come_late(
    kept: Kept, tmp_path: Path, names: list[str]
) -> None:
    givens = [given(CASES[name], kept.files, series) for series, name in enumerate(names, start=1)]
    disturbed = noon_with(kept, tmp_path / "disturbed", givens, bad=True)
    undisturbed = noon_with(kept, tmp_path / "undisturbed", givens, bad=False)
    for shop in (disturbed, undisturbed):
        shop.run(NOON)
    assert unlike(undisturbed, disturbed) == {}
    for shop in (disturbed, undisturbed):
        for one in givens:
            if one.rest != one.good:  # else it was whole, and needs no mending
                one.put(shop, one.good, MENDED, one.mended)
        shop.run(LATER)
    assert unlike(undisturbed, disturbed) == {}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name,
            marks=() if name in CONTRADICTING else pytest.mark.long if number % 3 else pytest.mark.slow,
        )
        for number, name in enumerate(CASES)
    ],
)
def test_a_case_that_comes_alone(before_noon: CasesShop, kept: Kept, name: str) -> None:
    case = CASES[name]
    one = given(case, kept.files, 0)
    one.put(before_noon, one.bad)
    said = command(before_noon, "ja", *RUN)
    assert said.status == (14 if case.fate == "refused" else case.expected_status), said.out
    assert wrongly_said(one, 1, lines_of(said.out)) == ""
    assert list(lost(one, before_noon)) == []
    assert told_on(before_noon, said) == []


def test_the_names_of_the_cases_are_their_own() -> None:
    assert len(CASES) == len(FILES) + len(CELLS)
    assert set(A_FEW) <= set(CASES)
