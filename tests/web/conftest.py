"""The app as tests use it: against no Cassandra at all, or against the real one with two small published runs."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from cassandra.cluster import Session
from flask.testing import FlaskClient

from cluster.settings import Settings
from cql import active
from cql.apply import apply
from cql.connect import Contact, connect
from cql.kinds import Kind
from tests.support.site_world import OLD, site_environ, store_both_runs
from web import create_app
from web.app.database import Database


@pytest.fixture
def away() -> FlaskClient:
    """The app where no Cassandra is."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    return create_app({"CASSANDRA_HOSTS": "127.0.0.1", "CASSANDRA_PORT": str(port), "API_KEY": ""}).test_client()


@pytest.fixture(scope="session")
def contact(cluster: Settings) -> Contact:
    """The keyspace of these tests."""
    return replace(Contact.from_env(cluster.child_environ()), keyspace="web_test")


@pytest.fixture(scope="session")
def session(contact: Contact) -> Iterator[Session]:
    """A session in a keyspace with both runs in it."""
    apply(contact)
    session = connect(contact)
    store_both_runs(session)
    yield session
    session.cluster.shutdown()


@pytest.fixture(scope="session")
def empty(contact: Contact, cluster: Settings) -> Contact:
    """A keyspace with all tables and not a row."""
    own = replace(contact, keyspace="web_test_empty")
    apply(own)
    return own


@pytest.fixture
def publish(session: Session) -> Callable[[tuple[str, str]], None]:
    """Lets readers see one of the two runs."""

    def flip(run: tuple[str, str]) -> None:
        seen = active.active_run(session)
        if seen is None or seen.run_id != run[0]:
            active.flip(session, Kind.RECOMMENDATIONS.job, *run, expected=seen and seen.run_id)

    return flip


@pytest.fixture
def environ(contact: Contact) -> dict[str, str]:
    """What tells an app about the real Cassandra."""
    return site_environ(contact)


@pytest.fixture(scope="session")
def database(contact: Contact, session: Session) -> Iterator[Database]:
    """An app's way to the tables: one for all tests, as a driver that connects reads what all keyspaces are made of."""
    shared = Database(contact)
    yield shared
    shared.session().cluster.shutdown()


@pytest.fixture
def client(environ: dict[str, str], publish: Callable[[tuple[str, str]], None], database: Database) -> FlaskClient:
    """The app on the older of the two runs."""
    publish(OLD)
    return create_app(environ, database).test_client()
