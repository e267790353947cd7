"""Texts of a mapping that are the project's own, and what stands for them where the project is silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecsync.config import Channel, Settings, Warehouse
from ecsync.config.project import Project
from ecsync.errors import ConfigurationError
from ecsync.mapping.catalogue import check_file, load_inbound
from ecsync.mapping.named_settings import with_settings
from ecsync.run.flow_mappings import inbound_mapping
from mapping_project import INBOUND, put

if TYPE_CHECKING:
    from pathlib import Path

OWN = INBOUND.replace("商品コード", '"{warehouse.key_column}"')
TOLD = OWN + "settings: {warehouse.key_column: 商品コード}\n"


def key_column(project: Path, **said: str) -> str:
    mapping = with_settings(load_inbound("partner/stock", project), said)
    return mapping.columns["sku"].headers[0].names[0]


def test_the_project_says_it_before_the_mapping_does(tmp_path: Path) -> None:
    put(tmp_path, "partner/stock", TOLD)
    assert key_column(tmp_path, **{"warehouse.key_column": "品番"}) == "品番"
    assert key_column(tmp_path) == "商品コード"
    assert key_column(tmp_path, **{"warehouse.key_column": ""}) == "商品コード"


def test_where_nobody_says_it_the_mapping_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "partner/stock", OWN)
    with pytest.raises(ConfigurationError, match=r"warehouse\.key_column"):
        key_column(tmp_path)


def test_a_name_that_no_text_holds_is_a_fault(tmp_path: Path) -> None:
    path = put(
        tmp_path, "partner/stock", TOLD.replace("settings: {warehouse.key", "settings: {warehouse.kez")
    )
    (error,) = check_file(path, tmp_path)
    assert error.hint.startswith("did you mean warehouse.key_column?")


def test_options_of_the_flows_own_party_are_asked(tmp_path: Path) -> None:
    put(tmp_path, "partner/stock", TOLD)
    settings = Settings(
        project=Project(name="shop"),
        channels={"shop1": Channel(platform="partner", warehouse="main", options={"key_column": "別"})},
        warehouses={"main": Warehouse(options={"key_column": "管理番号"})},
        folder=tmp_path,
    )
    (source,) = inbound_mapping(settings, "partner/stock", "main").columns["sku"].headers
    assert source.names == ("管理番号",)
    (source,) = inbound_mapping(settings, "partner/stock", "shop1").columns["sku"].headers
    assert source.names == ("商品コード",)
