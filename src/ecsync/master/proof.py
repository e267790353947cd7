"""One conservation proof: what must be equal, and whether it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Proof:
    """Compare an expected with an actual integer.

    `name` is the proof's code (room.what), `subject` what it is about (order number, SKU, file name, entry),
    `detail` the rest that a reader needs; none of them is personal.
    """

    name: str
    subject: str
    expected: int
    actual: int
    detail: str = ""

    @property
    def holds(self) -> bool:
        """Tell whether expected and actual are equal."""
        return self.expected == self.actual

    @property
    def gap(self) -> int:
        """Return actual minus expected."""
        return self.actual - self.expected
