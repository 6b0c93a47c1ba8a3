"""How anything of ours reaches Cassandra from Python: where it is, and one kind of session for all."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from cassandra import ConsistencyLevel, ProtocolVersion, UnresolvableContactPoints
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile, NoHostAvailable, Session
from cassandra.policies import ConstantReconnectionPolicy, DCAwareRoundRobinPolicy, TokenAwarePolicy
from cassandra.query import named_tuple_factory

from cql import NAME
from domain.contract.addresses import DEFAULT_PORT, hosts_and_port


class CassandraUnavailable(ConnectionError):
    """Cassandra could not be reached, or refused the credentials or the keyspace."""


@dataclass(frozen=True)
class Contact:
    """Where Cassandra is and who we are there."""

    hosts: tuple[str, ...] = ("127.0.0.1",)
    port: int = DEFAULT_PORT
    keyspace: str = "recommender"
    username: str | None = None
    password: str | None = None
    replication: int = 1

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.keyspace):
            raise ValueError(
                f"CASSANDRA_KEYSPACE={self.keyspace!r} is not a name: use up to 48 of a-z, 0-9 and _, a letter first."
            )

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Contact:
        """The contact that the environment names (see .env.example).

        Raises:
            ValueError: a variable holds something else than is allowed; the message names it.
        """
        given = _number(environ, "CASSANDRA_PORT", DEFAULT_PORT) if environ.get("CASSANDRA_PORT") else None
        hosts, port = hosts_and_port(environ.get("CASSANDRA_HOSTS") or "", given)
        return cls(
            hosts=hosts or ("127.0.0.1",),
            port=port or DEFAULT_PORT,
            keyspace=environ.get("CASSANDRA_KEYSPACE") or "recommender",
            username=environ.get("CASSANDRA_USERNAME") or None,
            password=environ.get("CASSANDRA_PASSWORD") or None,
            replication=_number(environ, "CASSANDRA_REPLICATION", _number(environ, "NODES", 1)),
        )

    @property
    def address(self) -> str:
        """For messages: `127.0.0.1,127.0.0.2 port 9042`."""
        return f"{','.join(self.hosts)} port {self.port}"


LISTENS_SECONDS = 2.0


def listens(contact: Contact) -> bool:
    """Whether something listens where Cassandra should, which takes a moment to find out in place of a timeout."""
    for host in contact.hosts:
        try:
            socket.create_connection((host, contact.port), timeout=LISTENS_SECONDS).close()
            return True
        except OSError:
            continue
    return False


def _number(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"{name}={text!r} is not a positive whole number.")
    return int(text)


def named_rows(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[Any]:
    """Rows as the driver gives them, named tuples; but it makes their class anew for every result.

    That took a sixth of the site's processor time.
    """
    make = _row_class(tuple(names))
    return [make(*row) for row in rows]


@cache
def _row_class(names: tuple[str, ...]) -> type[Any]:
    return type(named_tuple_factory(names, [[None] * len(names)])[0])


def cluster(contact: Contact, connect_timeout: float = 5.0, request_timeout: float = 20.0) -> Cluster:
    """A driver's cluster object, not connected yet: token-aware, LOCAL_QUORUM, timeouts in seconds."""
    profile = ExecutionProfile(
        load_balancing_policy=TokenAwarePolicy(DCAwareRoundRobinPolicy()),
        consistency_level=ConsistencyLevel.LOCAL_QUORUM,
        request_timeout=request_timeout,
        row_factory=named_rows,
    )
    credentials = PlainTextAuthProvider(contact.username, contact.password) if contact.username else None
    return Cluster(
        contact.hosts,
        port=contact.port,
        protocol_version=ProtocolVersion.V5,  # Cassandra 4 and later; named, so that the driver need not probe
        auth_provider=credentials,
        connect_timeout=connect_timeout,
        control_connection_timeout=connect_timeout,
        # the driver's own policy waits up to ten minutes and gives up after 64 tries; a site must heal soon and always
        reconnection_policy=ConstantReconnectionPolicy(delay=2.0, max_attempts=None),
        execution_profiles={EXEC_PROFILE_DEFAULT: profile},
    )


def connect(
    contact: Contact, keyspace: bool = True, connect_timeout: float = 5.0, request_timeout: float = 20.0
) -> Session:
    """A session in the contact's keyspace, or in none. Close it with `session.cluster.shutdown()`.

    Raises:
        CassandraUnavailable: no host has an address, none answers, credentials are refused, or the keyspace is missing.
    """
    try:
        joined = cluster(contact, connect_timeout, request_timeout)
    except UnresolvableContactPoints as error:
        hosts = ", ".join(contact.hosts)
        raise CassandraUnavailable(f"No address is known for {hosts}: check CASSANDRA_HOSTS and DNS.") from error
    try:
        return joined.connect(contact.keyspace if keyspace else None)
    except Exception as error:  # the driver raises several unrelated classes here
        joined.shutdown()
        # the driver says this when it is connected but may not use the keyspace
        if "using keyspace" in str(error):
            raise CassandraUnavailable(
                f"No keyspace {contact.keyspace!r} at {contact.address}: run `make schema`."
            ) from error
        reason = _reason(error)
        raise CassandraUnavailable(
            f"Cassandra at {contact.address} does not answer ({reason}): see `make status`."
        ) from error


def _reason(error: Exception) -> str:
    if isinstance(error, NoHostAvailable) and isinstance(error.errors, dict) and error.errors:
        error = next(iter(error.errors.values()))
    return " ".join(str(error).split())[:200] or type(error).__name__
