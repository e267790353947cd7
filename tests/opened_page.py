"""A page as a test sees it in the browser: scripts, DevTools, widths, light and dark, screen and paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Opened:
    """A page in the browser, and the data that it was made from."""

    driver: Any
    data: dict[str, Any]
    url: str

    def run(self, script: str) -> Any:
        """Return what a script of the test finds on the page."""
        return self.driver.execute_script(script)

    def tell(self, command: str, **params: object) -> Any:
        """Send a command of the DevTools protocol."""
        return self.driver.execute_cdp_cmd(command, params)

    def show(self, width: int, *, dark: bool = False, medium: str = "screen") -> None:
        """Show the page at a width (CSS pixels), light or dark, on the screen or as it is printed."""
        self.tell(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=800,
            deviceScaleFactor=1,
            mobile=width < 500,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.tell("Emulation.setEmulatedMedia", media=medium, features=[scheme])
        self.driver.get(self.url)
