"""Who may do what, for a Cassandra that asks for passwords: an administrator, and a role for jobs and the site.

A new server knows one superuser, cassandra, with the password cassandra. The administrator takes it over with its own
password, and makes the application's role, which may read and write rows of one keyspace and nothing else.
"""

from __future__ import annotations

from dataclasses import replace

from cassandra.cluster import Session
from cassandra.encoder import Encoder

from cql.connect import CassandraUnavailable, Contact, connect

SUPERUSER = "cassandra"
PERMISSIONS = ("SELECT", "MODIFY")


def connect_as_administrator(contact: Contact, password: str) -> Session:
    """A session of the superuser, whose password is `password` from now on.

    Raises:
        CassandraUnavailable: no host answers, or the superuser has neither this password nor the one of a new server.
    """
    try:
        return connect(replace(contact, username=SUPERUSER, password=password), keyspace=False)
    except CassandraUnavailable as refused:
        try:
            session = connect(replace(contact, username=SUPERUSER, password=SUPERUSER), keyspace=False)
        except CassandraUnavailable:
            raise refused from None
    session.execute(f"ALTER ROLE {SUPERUSER} WITH PASSWORD = {_text(password)}")
    return session


def secure(session: Session, contact: Contact) -> None:
    """Make the contact's role, or give it its password if it has another, and grant it the rows of its keyspace.

    The tables of roles get as many copies as the data: with one, a dead node would lock everybody out.
    """
    copies = f"{{'class': 'NetworkTopologyStrategy', 'replication_factor': {contact.replication}}}"
    session.execute(f"ALTER KEYSPACE system_auth WITH replication = {copies}", timeout=60)
    role = f'"{contact.username}"'
    login = f"WITH PASSWORD = {_text(contact.password or '')} AND LOGIN = true"
    if contact.username not in {row.role for row in session.execute("LIST ROLES")}:
        session.execute(f"CREATE ROLE IF NOT EXISTS {role} {login}")
    elif not _may_log_in(contact):  # a password may be changed every five seconds only, so not at each start
        session.execute(f"ALTER ROLE {role} {login}")
    for permission in PERMISSIONS:
        session.execute(f"GRANT {permission} ON KEYSPACE {contact.keyspace} TO {role}")


def _may_log_in(contact: Contact) -> bool:
    try:
        connect(contact, keyspace=False).cluster.shutdown()
    except CassandraUnavailable:
        return False
    return True


def _text(value: str) -> str:
    """The value as a CQL literal."""
    return str(Encoder().cql_encode_str(value))
