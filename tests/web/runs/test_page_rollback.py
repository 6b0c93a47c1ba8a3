"""Going back by a form: it asks once, says which lists come back, and goes back only from those that it has named."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.support.signed_in import said, send, sign_in
from tests.support.site_world import NEW, OLD

pytestmark = pytest.mark.cluster
PATH = "/runs/rollback"


@pytest.fixture
def newer(client: FlaskClient, publish: Callable[[tuple[str, str]], None]) -> FlaskClient:
    """The site on the newer of the two runs, as a browser that is not signed in."""
    publish(NEW)
    return client


def shown(client: FlaskClient) -> str:
    return str(client.get("/api/v1/runs/active").json["run_id"])


def test_it_asks_once_with_the_date_and_only_who_is_signed_in_has_the_button(newer: FlaskClient) -> None:
    runs = newer.get("/runs").text
    assert "To go back to the lists of run-1, sign in: run <code>make login</code>" in runs
    assert f'action="{PATH}"' not in runs
    page = newer.get(PATH).text
    assert "Go back to the lists of run-1?" in page
    assert "make login" in page
    assert "<button>Go back</button>" not in page
    sign_in(newer)
    assert "<button>Go back</button>" in newer.get(PATH).text
    assert f'<form action="{PATH}"><button>Go back to the lists of run-1…</button>' in newer.get("/runs").text
    assert shown(newer) == NEW[0], "asking changes nothing"


def test_the_form_goes_back_and_says_so(newer: FlaskClient) -> None:
    assert newer.post(PATH, data={"run_id": NEW[0]}).status_code == 403
    sign_in(newer)
    answer = send(newer, PATH, run_id=NEW[0])
    assert (answer.status_code, answer.location) == (303, "/runs")
    assert "again" in said(newer)
    assert shown(newer) == OLD[0]
    page = newer.get("/runs").text
    assert "by going back from the run of run-2" in page
    assert "There is nothing to go back to: no earlier run" in page
    assert "publish again: <code>make job JOB=publish_recommendations</code>" in page


def test_what_was_published_since_it_was_asked_is_not_left(newer: FlaskClient) -> None:
    sign_in(newer)
    answer = send(newer, PATH, run_id=OLD[0])
    assert (answer.status_code, "is." in answer.text) == (409, True)
    assert shown(newer) == NEW[0]


def test_where_nothing_is_kept_there_is_no_button_and_a_sentence(client: FlaskClient) -> None:
    sign_in(client)
    page = client.get("/runs").text
    assert f'action="{PATH}"' not in page and "There is nothing to go back to" in page
    answer = client.get(PATH)
    assert (answer.status_code, "none from before are kept" in answer.text) == (409, True)
