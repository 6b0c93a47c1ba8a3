"""A visitor's picks become a new user."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.support.signed_in import send, sign_in
from web.users.page_save import FIRST_NUMBER

pytestmark = pytest.mark.cluster


def test_picks_are_saved_as_the_highest_ratings_of_a_new_user_whom_one_then_rates_as(client: FlaskClient) -> None:
    sign_in(client)
    answer = send(client, "/users", picks="2, 1,2,77", without="4,1")
    assert answer.status_code == 303
    user = int(answer.headers["Location"].rpartition("/")[2])
    assert FIRST_NUMBER < user < 2**31
    found = client.get(f"/api/v1/users/{user}/ratings").json
    assert {item["movie_id"]: item["rating"] for item in found["items"]} == {1: 5.0, 2: 5.0}
    assert [item["movie_id"] for item in found["hidden"]] == [4]
    page = client.get(f"/users/{user}").text
    assert f"You are user {user} now: your 2 picks are stored." in page
    assert f'<span class="unseen">You rate as </span>User {user}</a>' in page
    assert f'<b id="my-number" class="pickable">{user}</b> is your name here' in page


@pytest.mark.parametrize(
    ("picks", "sentence"), [("", "pick at least one"), ("77", "pick at least one"), ("a,1", "picks."), ("-1", "picks.")]
)
def test_picks_that_are_none_are_refused(client: FlaskClient, picks: str, sentence: str) -> None:
    sign_in(client)
    answer = send(client, "/users", picks=picks)
    assert answer.status_code == 422 and sentence in answer.text
    with client.session_transaction() as session:
        assert session["user_id"] is None
