"""Types that the tests of the laws share."""

from __future__ import annotations

from collections.abc import Callable

from shop import Shop

MakeShop = Callable[[str], Shop]
