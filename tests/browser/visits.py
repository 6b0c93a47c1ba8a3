"""Pages of a browser that note what should not happen: errors in the console or of a script, requests to elsewhere."""

from __future__ import annotations

import re
from typing import Any, Literal

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, ViewportSize

DESKTOP, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)
MOST_MS = 30_000  # for one thing to happen, on a machine that does other work
INSIDE = ("data:", "blob:", "about:")


class Visits:
    """Opens pages of one site; `troubles` is what went wrong on any of them."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.address = address
        self.troubles: list[str] = []
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._expected = {404, 409}  # of pages that tests ask for on purpose: unknown, and no lists to go back to

    def expect_status(self, status: int) -> None:
        """Let answers with this status be no trouble."""
        self._expected.add(status)

    def page(self, scheme: Literal["light", "dark"] = "light", phone: bool = False, scripts: bool = True) -> Page:
        """An empty page in a browser of its own: without cookies, and with nothing stored."""
        of_phone: dict[str, Any] = {"is_mobile": True, "has_touch": True} if phone else {}
        context = self._browser.new_context(
            base_url=self.address,
            viewport=PHONE if phone else DESKTOP,
            color_scheme=scheme,
            java_script_enabled=scripts,
            reduced_motion="reduce",
            **of_phone,
        )
        context.set_default_timeout(MOST_MS)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.troubles.append(f"error of a script: {error.error}"))
        context.on("request", self._see)
        self._contexts.append(context)
        return context.new_page()

    def close(self) -> None:
        """End all pages."""
        for context in self._contexts:
            context.close()

    def _hear(self, message: ConsoleMessage) -> None:
        status = re.search(r"responded with a status of (\d+)", message.text)
        if message.type == "error" and not (status and int(status[1]) in self._expected):
            self.troubles.append(f"console: {message.text} ({message.location.get('url')})")

    def _see(self, request: Request) -> None:
        if not request.url.startswith((self.address + "/", *INSIDE)):
            self.troubles.append(f"a request beyond the site: {request.url}")
