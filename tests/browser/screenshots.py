"""Write a picture of every page of a running site: desktop and phone, light and dark.

Needs Chromium. Pictures are WebP, those of a long page are cut, so that all of them together stay small.

Example: python -m tests.browser.screenshots http://127.0.0.1:5000 --out docs/img     (make screenshots)
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize
from playwright.sync_api import Error as BrowserError

from cluster.settings import Settings
from tests.browser.chromium import NoChromium, open_chromium
from tests.browser.pages import PLACES, Place, go, settle

SIZES = {"desktop": ViewportSize(width=1280, height=800), "phone": ViewportSize(width=390, height=844)}
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
MOST_HEIGHTS = 2  # of the window, in a picture
QUALITY = 38  # of WebP; text stays sharp


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", nargs="?", default=Settings.from_env().web_address)
    parser.add_argument("--out", type=Path, default=Path("docs/img"), help="the folder for the pictures")
    flags = parser.parse_args(arguments)
    flags.out.mkdir(parents=True, exist_ok=True)
    try:
        with open_chromium() as browser:
            for size in SIZES:
                for scheme in SCHEMES:
                    _take_all(browser, flags.address, flags.out, (size, scheme))
    except (NoChromium, BrowserError) as error:
        print(f"ERROR {str(error).splitlines()[0]}", file=sys.stderr)
        return 1
    kilobytes = sum(path.stat().st_size for path in flags.out.glob("*.webp")) // 1000
    print(f"{kilobytes} kB of pictures in {flags.out}")
    return 0


def _take_all(browser: Browser, address: str, out: Path, form: tuple[str, Scheme]) -> None:
    size, scheme = form
    context = browser.new_context(
        viewport=SIZES[size],
        color_scheme=scheme,
        is_mobile=size == "phone",
        has_touch=size == "phone",
        reduced_motion="reduce",
    )
    page = context.new_page()
    for place in PLACES:
        if go(page, address, place):
            _write(_picture(page, place, size), out / f"{place.name}-{size}-{scheme}.webp")
    context.close()


def _picture(page: Page, place: Place, size: str) -> bytes:
    settle(page, place)
    height = SIZES[size]["height"] * MOST_HEIGHTS
    page.set_viewport_size({"width": SIZES[size]["width"], "height": height})
    picture = page.screenshot()
    page.set_viewport_size(SIZES[size])
    return picture


def _write(picture: bytes, path: Path) -> None:
    Image.open(io.BytesIO(picture)).convert("RGB").save(path, "WEBP", quality=QUALITY, method=6)


if __name__ == "__main__":
    sys.exit(main())
