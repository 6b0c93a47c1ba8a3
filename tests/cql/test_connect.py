"""Where Cassandra is, as the environment says."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys

import pytest

from cql.connect import CassandraUnavailable, Contact, connect, listens


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


def test_a_port_behind_the_hosts_is_the_port() -> None:
    assert Contact.from_env({"CASSANDRA_HOSTS": "[::1]:9043, b:9043,"}).address == "::1,b port 9043"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CASSANDRA_KEYSPACE", "x; DROP"),
        ("CASSANDRA_KEYSPACE", "Upper"),
        ("CASSANDRA_PORT", "nine"),
        ("CASSANDRA_REPLICATION", "0"),
        ("CASSANDRA_HOSTS", "a b"),
        ("CASSANDRA_HOSTS", "a:1,b:2"),
    ],
)
def test_a_bad_value_is_named_with_its_variable(variable: str, value: str) -> None:
    with pytest.raises(ValueError, match=variable):
        Contact.from_env({variable: value})


def test_a_closed_port_is_one_clear_sentence() -> None:
    contact = Contact(port=closed_port())
    with pytest.raises(CassandraUnavailable, match=rf"127\.0\.0\.1 port {contact.port} does not answer"):
        connect(contact, connect_timeout=1)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "no_such_host"])
def test_a_name_without_an_address_is_one_clear_sentence(host: str) -> None:
    contact = Contact.from_env({"CASSANDRA_HOSTS": host})
    assert not listens(contact)
    with pytest.raises(CassandraUnavailable, match=f"^No address is known for {host}: check CASSANDRA_HOSTS"):
        connect(contact)


@pytest.mark.parametrize("hosts", ["no-such-host.invalid", "a b"])
@pytest.mark.parametrize("command", ["cql.apply", "cql.active show", "cql.active rollback"])
def test_each_command_says_in_one_sentence_that_the_hosts_are_wrong(command: str, hosts: str) -> None:
    words = [sys.executable, "-m", *command.split()]
    environ = {**os.environ, "CASSANDRA_HOSTS": hosts}
    answer = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert re.fullmatch(r"ERROR .*CASSANDRA_HOSTS.*\n", answer.stderr), answer.stderr
