"""The routes of the whole site, and their documentation."""

from __future__ import annotations

import os
import re
from pathlib import Path

from flask.testing import FlaskClient

from web import create_app

GOLDEN = Path(__file__).parents[1] / "golden" / "routes.txt"


def test_the_routes_are_those_of_the_golden_list() -> None:
    rules = create_app().url_map.iter_rules()
    routes = sorted(f"{rule.rule} {' '.join(sorted(rule.methods - {'HEAD', 'OPTIONS'}))}" for rule in rules)
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text("\n".join(routes) + "\n", encoding="utf-8")
    assert routes == GOLDEN.read_text(encoding="utf-8").splitlines()


def test_the_documentation_names_every_call_and_loads_nothing_from_elsewhere(away: FlaskClient) -> None:
    paths = away.get("/openapi/openapi.json").json["paths"]
    rules = {rule.rule for rule in away.application.url_map.iter_rules() if rule.rule.startswith("/api/")}
    assert {path.replace("{", "<").replace("}", ">") for path in paths} == rules
    for address in ("/openapi/", "/openapi/swagger"):
        loaded = re.findall(r'<(?:script|link)[^>]* (?:src|href)="([^"]+)"', away.get(address).text)
        assert [file for file in loaded if away.get(file).status_code != 200] == []
