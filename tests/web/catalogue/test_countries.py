"""Countries are called by their names."""

from __future__ import annotations

import pytest

from web.catalogue.countries import country_name


@pytest.mark.parametrize(
    ("code", "name"), [("US", "United States"), ("gb", "United Kingdom"), ("SU", "Soviet Union"), ("XX", "XX")]
)
def test_a_code_is_a_name_where_it_is_known(code: str, name: str) -> None:
    assert country_name(code) == name
