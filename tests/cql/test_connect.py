"""Where Cassandra is, as the environment says."""

from __future__ import annotations

import socket

import pytest

from cql.connect import CassandraUnavailable, Contact, connect


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_an_empty_environment_means_one_node_on_this_machine() -> None:
    assert Contact.from_env({}) == Contact(("127.0.0.1",), 9042, "recommender", None, None, 1)


def test_the_environment_names_hosts_port_and_copies() -> None:
    contact = Contact.from_env({"CASSANDRA_HOSTS": "a, b", "CASSANDRA_PORT": "9999", "NODES": "3"})
    assert (contact.hosts, contact.port, contact.replication) == (("a", "b"), 9999, 3)
    assert contact.address == "a,b port 9999"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CASSANDRA_KEYSPACE", "x; DROP"),
        ("CASSANDRA_KEYSPACE", "Upper"),
        ("CASSANDRA_PORT", "nine"),
        ("CASSANDRA_REPLICATION", "0"),
    ],
)
def test_a_bad_value_is_named_with_its_variable(variable: str, value: str) -> None:
    with pytest.raises(ValueError, match=variable):
        Contact.from_env({variable: value})


def test_a_closed_port_is_one_clear_sentence() -> None:
    contact = Contact(port=closed_port())
    with pytest.raises(CassandraUnavailable, match=rf"127\.0\.0\.1 port {contact.port} does not answer"):
        connect(contact, connect_timeout=1)
