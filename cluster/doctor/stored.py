"""What runs, and what is stored: services, schema, published runs."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING

from cluster.choose import choose
from cluster.doctor.line import SET_UP, Line, Mark, Place
from cluster.runtime import RUNNING

if TYPE_CHECKING:
    from cassandra.cluster import Session

UP = "make up"


def services(place: Place) -> Line:
    """Whether what was started runs."""
    if not _is_set_up(place):
        return Line(Mark.LOOK, "services", "not set up yet", SET_UP)
    rows = choose(place.settings).status()
    if not rows:
        return Line(Mark.LOOK, "services", "none runs", UP)
    ill = [f"{row.service} is {row.state}" for row in rows if row.state != RUNNING]
    if ill:
        command = f"{UP}; why is in: make logs SERVICE={ill[0].split()[0]}"
        return Line(Mark.WRONG, "services", ", ".join(ill), command)
    return Line(Mark.OK, "services", f"{', '.join(row.service for row in rows)} run")


def _is_set_up(place: Place) -> bool:
    """Whether there are the packages that commands for processes of this machine need."""
    return place.runtime == "docker" or find_spec("cassandra") is not None


def schema(place: Place) -> Line:
    """Whether the live tables are those of cql/tables."""

    def compared(session: Session) -> Line:
        from cql.apply import differences  # here, because it needs packages

        if found := differences(session):
            return Line(Mark.WRONG, "schema", " ".join(found), "make schema")
        return Line(Mark.OK, "schema", f"the tables of {session.keyspace} are those of cql/tables")

    if place.runtime == "docker":  # where only containers reach Cassandra
        return Line(Mark.OK, "schema", "every `make up` compares it with cql/tables")
    return _asked(place, "schema", compared)


def _said_by_the_site(address: str) -> Line:
    """What /health/ready answers; no proxy is asked for what is on this machine."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{address}/health/ready", timeout=5) as answer:
            return Line(Mark.OK, "active runs", f"recommendations: {json.load(answer)['run_id']}")
    except urllib.error.HTTPError as error:
        return Line(
            Mark.LOOK, "active runs", f"the site says {error.code} at {address}/health/ready", "make preprocess"
        )
    except (OSError, ValueError) as error:
        return Line(Mark.LOOK, "active runs", f"the site at {address} does not answer ({error})", UP)


def active_runs(place: Place) -> Line:
    """Which runs readers see."""

    def shown(session: Session) -> Line:
        from cql.active import active_run
        from cql.kinds import Kind

        seen = {kind: active_run(session, kind.job) for kind in Kind}
        if seen[Kind.RECOMMENDATIONS] is None:
            return Line(Mark.LOOK, "active runs", Kind.RECOMMENDATIONS.missing, "make preprocess")
        runs = [f"{kind}: {run.run_id}" for kind, run in seen.items() if run]
        return Line(Mark.OK, "active runs", ", ".join(runs))

    if place.runtime == "docker":
        return _said_by_the_site(place.settings.web_address)
    return _asked(place, "active runs", shown)


def _asked(place: Place, subject: str, ask: Callable[[Session], Line]) -> Line:
    """What Cassandra answers; why it cannot be asked otherwise."""
    if not _is_set_up(place):
        return Line(Mark.LOOK, subject, "not set up yet", SET_UP)
    from cql.connect import CassandraUnavailable, Contact, connect, listens  # here, because they need packages

    contact = Contact.from_env(place.settings.child_environ())
    if not listens(contact):
        return Line(Mark.LOOK, subject, f"cannot be seen: Cassandra does not run at {contact.address}", UP)
    try:
        session = connect(contact)
    except CassandraUnavailable as error:
        return Line(Mark.WRONG, subject, str(error), UP)
    try:
        return ask(session)
    finally:
        session.cluster.shutdown()
