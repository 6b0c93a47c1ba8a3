"""What each page of a running site weighs: requests, kilobytes over the network, and when its first words are seen.

Prints the rows of docs/results/pages.md. Every page is loaded by a Chromium that has nothing stored.

Example: python -m tests.bench.pages http://127.0.0.1:5000
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from playwright.sync_api import Browser

from tests.browser.chromium import NoChromium, open_chromium
from tests.browser.pages import PLACES, Place, go, settle
from tests.browser.visits import Visits
from tests.browser.weight import blocking, first_paint, weighed

COLUMNS = ("page", "requests", "kB in all", "kB of HTML", "scripts that hold up the paint", "first paint (ms)")
HEAD = f"| {' | '.join(COLUMNS)} |\n{'|---' * len(COLUMNS)}|"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address")
    flags = parser.parse_args(arguments)
    try:
        with open_chromium() as browser:
            print(HEAD)
            for place in PLACES:
                if row := row_of(browser, flags.address, place):
                    print(row, flush=True)
    except NoChromium as error:
        print(f"ERROR {error}", file=sys.stderr)
        return 1
    return 0


def row_of(browser: Browser, address: str, place: Place) -> str | None:
    """The line of a page, None where the site has none of this kind."""
    visits = Visits(browser, address)
    page = visits.page()
    if place.links:  # where it is is looked up first, so that only the page itself is weighed
        if not go(page, address, place):
            visits.close()
            return None
        place = Place(place.name, page.url.removeprefix(address), has_plots=place.has_plots)
        page = visits.page()
    with weighed(page) as weight:
        go(page, address, place)
        settle(page, place)
    words = f"{weight.bytes / 1000:.0f} | {weight.of_page / 1000:.0f} | {len(blocking(page))} | {first_paint(page):.0f}"
    visits.close()
    return f"| {place.name} | {weight.requests} | {words} |"


if __name__ == "__main__":
    sys.exit(main())
