"""`make schema`: create the keyspace and the tables that are missing, then compare all of them with the live schema.

Where CASSANDRA_ADMIN_PASSWORD is set the administrator does that, and makes the role CASSANDRA_USERNAME (cql/roles.py).
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from string import Template

from cassandra.cluster import Session
from cassandra.metadata import TableMetadata

from cql import FOLDER, TABLES, Table
from cql.connect import CassandraUnavailable, Contact, connect
from cql.roles import connect_as_administrator, secure

NODES_SECONDS = 300.0  # nodes join one after the other, each in up to a minute


class SchemaDiffers(RuntimeError):
    """The live tables are not those of cql/tables; the message lists every difference."""


def apply(contact: Contact, admin_password: str | None = None, nodes: int = 1) -> None:
    """Create what is missing in the contact's keyspace and verify the rest, when `nodes` nodes have joined.

    Raises:
        CassandraUnavailable: Cassandra does not answer, or with fewer nodes.
        SchemaDiffers: a table exists in another form.
    """
    session = _connect(contact, admin_password)
    try:
        _wait_for_nodes(session, nodes)
        _apply_keyspace(session, contact)
        if admin_password:
            secure(session, contact)
        session.set_keyspace(contact.keyspace)
        for table in TABLES.values():
            session.execute(table.statement, timeout=60)
        if problems := differences(session):
            raise SchemaDiffers("\n".join(problems))
    finally:
        session.cluster.shutdown()


def _connect(contact: Contact, admin_password: str | None) -> Session:
    return connect_as_administrator(contact, admin_password) if admin_password else connect(contact, keyspace=False)


def _wait_for_nodes(session: Session, nodes: int) -> None:
    deadline = time.monotonic() + NODES_SECONDS
    while (found := len(session.execute("SELECT peer FROM system.peers").all()) + 1) < nodes:
        if time.monotonic() > deadline:
            raise CassandraUnavailable(f"{found} of {nodes} nodes have joined within {NODES_SECONDS:.0f} s.")
        time.sleep(1)


def _apply_keyspace(session: Session, contact: Contact) -> None:
    text = Template(_code(FOLDER / "keyspace.cql"))
    session.execute(text.substitute(keyspace=contact.keyspace, replication=contact.replication), timeout=60)
    session.cluster.refresh_keyspace_metadata(contact.keyspace)
    live = session.cluster.metadata.keyspaces[contact.keyspace].replication_strategy.dc_replication_factors
    if set(live.values()) != {contact.replication}:
        # altering `replication_factor` leaves the centres that are known already as they are: name each
        copies = "".join(f", '{centre}': {contact.replication}" for centre in live)
        statement = (
            f"ALTER KEYSPACE {contact.keyspace} WITH replication = {{'class': 'NetworkTopologyStrategy'{copies}}}"
        )
        session.execute(statement, timeout=60)
        print(f"Changed the number of copies to {contact.replication}: run `nodetool repair --full` on every node.")


def _code(path: Path) -> str:
    return "\n".join(line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("--"))


def differences(session: Session) -> list[str]:
    """One sentence for each way in which a live table of the session's keyspace differs from its file."""
    session.cluster.refresh_schema_metadata()
    live = session.cluster.metadata.keyspaces[session.keyspace].tables
    return [problem for table in TABLES.values() for problem in _differences(table, live.get(table.name))]


def _differences(table: Table, live: TableMetadata | None) -> list[str]:
    if live is None:
        return [f"Table {table.name} is not installed: run `make schema`."]
    wanted = {column.name: column.type for column in table.columns}
    found = {name: column.cql_type for name, column in live.columns.items()}
    problems = [
        f"Table {table.name}: {name} is {found.get(name, 'missing')}, but {wanted.get(name, 'unknown')} in its file."
        for name in sorted(wanted.keys() | found.keys())
        if wanted.get(name) != found.get(name)
    ]
    key = tuple(column.name for column in live.primary_key)
    if key != table.primary_key or len(live.partition_key) != len(table.partition_key):
        problems.append(f"Table {table.name}: its key is {key}, but {table.primary_key} in its file.")
    return problems


def main() -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m cql.apply", description=__doc__)
    parser.add_argument("--nodes", type=int, default=1, help="wait until as many nodes have joined (default: 1)")
    nodes = parser.parse_args().nodes
    try:
        contact = Contact.from_env()
        apply(contact, os.environ.get("CASSANDRA_ADMIN_PASSWORD"), nodes)
    except (CassandraUnavailable, ValueError) as error:
        print(f"ERROR {error}", file=sys.stderr)
        return 1
    except SchemaDiffers as error:
        print(f"ERROR The live schema differs from cql/tables:\n{error}", file=sys.stderr)
        return 1
    print(f"Keyspace {contact.keyspace} at {contact.address}: {len(TABLES)} tables as in cql/tables.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
