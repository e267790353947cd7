"""The levels of an order: which column of a staged row stands in which column of which table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ecsync.entities import ENTITIES

_ENTITY: Final = ENTITIES["order_lines"]

# What an absent cell means; every other column stays as it is.
_WHERE_ABSENT: Final = {
    "currency": "COALESCE(NULLIF(s.currency, ''), 'JPY')",
    "checking_flag": "COALESCE(s.checking_flag, 0)",
    "multi_destination_flag": "COALESCE(s.multi_destination_flag, 0)",
    "unfixed_flag": "COALESCE(s.unfixed_flag, 0)",
    "ship_address_ok": "COALESCE(s.ship_address_ok, 1)",
    "price_includes_tax": "COALESCE(s.price_includes_tax, 1)",
    "ships_flag": "COALESCE(s.ships_flag, 1)",
    "left_flag": "COALESCE(s.left_flag, 0)",
}


@dataclass(frozen=True)
class Field:
    """One value of an order: `name` as a revision tells it, `source` over the staged row `s`, its target column."""

    name: str
    source: str
    target: str
    integer: bool
    personal: bool

    def unequal(self, target_alias: str = "t") -> str:
        """Return the condition that the staged value differs from the master's."""
        target = f"{target_alias}.{self.target}"
        if not self.integer:
            return f"{self.source} <> {target}"
        return f"({self.source} <> {target} OR ({self.source} IS NULL) <> ({target} IS NULL))"

    def old_text(self, target_alias: str = "t") -> str:
        """Return the master's value as text."""
        target = f"{target_alias}.{self.target}"
        return f"COALESCE(CAST({target} AS TEXT), '')" if self.integer else target

    def new_text(self) -> str:
        """Return the staged value as text."""
        return f"COALESCE(CAST({self.source} AS TEXT), '')" if self.integer else self.source


@dataclass(frozen=True)
class Level:
    """One table of an order.

    `part` is the SQL of the key below the order (line or destination, over `s`), `part_column` its
    column in `table`, `scope` what stands before it in order_change, `fixed` further key columns.
    `erasable` tables keep what was erased: they are neither compared nor filled again.
    """

    name: str
    table: str
    fields: tuple[Field, ...]
    part: str
    part_column: str
    scope: str
    fixed: tuple[tuple[str, str], ...] = ()
    erasable: bool = False

    def join(self, alias: str = "t") -> str:
        """Return the condition that joins `alias` of the table to the staged row `s`."""
        terms = [f"{alias}.channel = s.src_party", f"{alias}.order_no = s.order_no"]
        if self.part_column:
            terms.append(f"{alias}.{self.part_column} = {self.part}")
        terms += [f"{alias}.{column} = '{value}'" for column, value in self.fixed]
        if self.erasable:
            terms.append(f"{alias}.erased_at = ''")
        return " AND ".join(terms)


def _field(name: str, target: str = "") -> Field:
    column = _ENTITY.by_name[name]
    source = _WHERE_ABSENT.get(name, f"s.{name}")
    return Field(name, source, target or name, column.is_integer, column.personal)


_PERSON: Final = ("name", "kana", "postcode", "city", "address", "phone")

ORDER: Final = Level(
    "order",
    "sales_order",
    tuple(
        _field(c.name)
        for c in _ENTITY.columns
        if c.level == "order" and not c.personal and c.name != "order_no"
    ),
    "''",
    "",
    "",
)
BUYER: Final = Level(
    "buyer",
    "person",
    (
        *(_field(f"buyer_{name}", name) for name in _PERSON),
        _field("buyer_email", "email"),
        _field("buyer_comment", "comment"),
    ),
    "''",
    "dest_id",
    "",
    fixed=(("role", "buyer"),),
    erasable=True,
)
DESTINATION: Final = Level(
    "destination",
    "order_destination",
    (
        _field("ship_prefecture"),
        _field("ship_address_ok", "address_ok"),
        _field("wished_date"),
        _field("wished_slot"),
        _field("delivery_method"),
    ),
    "s.dest_id",
    "dest_id",
    "dest:",
)
RECEIVER: Final = Level(
    "receiver",
    "person",
    (*(_field(f"ship_{name}", name) for name in _PERSON), _field("noshi")),
    "s.dest_id",
    "dest_id",
    "dest:",
    fixed=(("role", "ship"),),
    erasable=True,
)
LINE: Final = Level(
    "line",
    "order_line",
    (
        _field("dest_id"),
        _field("item_key"),
        _field("sku_key"),
        _field("sku_code"),
        _field("item_name"),
        _field("unit_price"),
        _field("qty"),
        _field("tax_rate", "file_tax_rate"),
        _field("price_includes_tax"),
        _field("ships_flag"),
        _field("left_flag"),
    ),
    "s.line_id",
    "line_id",
    "line:",
)
OPTIONS: Final = Level(
    "options",
    "person_line",
    (_field("options"),),
    "s.line_id",
    "line_id",
    "line:",
    erasable=True,
)

LEVELS: Final = (ORDER, BUYER, DESTINATION, RECEIVER, LINE, OPTIONS)


def staged_columns(level: str) -> tuple[str, ...]:
    """Return the staged columns that are one per order, per destination or per line, without their key."""
    keys = {"order_no", "line_id"} | ({"dest_id"} if level == "destination" else set())
    return tuple(c.name for c in _ENTITY.columns if c.level == level and c.name not in keys)


def is_integer(column: str) -> bool:
    """Tell whether a staged column holds integers, which may be null; text never is."""
    return _ENTITY.by_name[column].is_integer


def same_row(left: str, right: str) -> str:
    """Return the condition that two staged rows say the same in every column."""
    return " AND ".join(
        f"({left}.{c.name} = {right}.{c.name} OR ({left}.{c.name} IS NULL AND {right}.{c.name} IS NULL))"
        if c.is_integer
        else f"{left}.{c.name} = {right}.{c.name}"
        for c in _ENTITY.columns
    )
