"""No page is forgotten by the tests of all pages."""

from __future__ import annotations

import re
from pathlib import Path

from tests.browser.pages import PLACES

ROUTES = Path(__file__).resolve().parents[1] / "golden" / "routes.txt"
# answers that are no pages: of programs, files, parts of pages, and forms that lead to a page
NO_PAGES = r"/(api|static|health|openapi|reports)/|/metrics|/insights/plotly|/users$|/found$|.*\.csv$"


def test_every_page_is_among_the_places() -> None:
    routes = [line.split()[0] for line in ROUTES.read_text(encoding="utf-8").splitlines() if line.endswith(" GET")]
    pages = [route for route in routes if not re.match(NO_PAGES, route)]
    paths = [f"{place.links[-1]}1" if place.links else place.path.partition("?")[0] for place in PLACES]
    forms = {page: re.sub(r"<[^>]+>", "[^/]+", page) for page in pages}
    assert [page for page, form in forms.items() if not any(re.fullmatch(form, path) for path in paths)] == []
