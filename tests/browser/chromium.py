"""The browser of these tests: the Chromium of the system, driven by Playwright, none of whose own are fetched."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from tests.browser.program import MISSING, find_chromium


class NoChromium(RuntimeError):
    """There is no browser on this machine; the message says how to get one."""


@contextmanager
def open_chromium() -> Iterator[Browser]:
    """A running browser without a window.

    Raises:
        NoChromium: there is none.
    """
    program = find_chromium()
    if program is None:
        raise NoChromium(MISSING)
    as_root = ["--no-sandbox"] if os.getuid() == 0 else []  # its sandbox refuses root
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*as_root, "--disable-dev-shm-usage"])
        try:
            yield browser
        finally:
            browser.close()
