"""What CASSANDRA_HOSTS may look like: as people write it, and what is refused."""

from __future__ import annotations

import pytest

from domain.contract.addresses import hosts_and_port


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ((), None)),
        ("a", (("a",), None)),
        ("a, b ,c", (("a", "b", "c"), None)),
        ("a,,b,", (("a", "b"), None)),
        (" db-1.example.org ", (("db-1.example.org",), None)),
        ("node_1", (("node_1",), None)),
        ("db.example.org.", (("db.example.org.",), None)),
        ("10.0.0.1,10.0.0.2", (("10.0.0.1", "10.0.0.2"), None)),
        ("a:9043", (("a",), 9043)),
        ("a:9043,b:9043", (("a", "b"), 9043)),
        ("a:9042,b", (("a", "b"), 9042)),
        ("::1", (("::1",), None)),
        ("[::1]", (("::1",), None)),
        ("[::1]:9043", (("::1",), 9043)),
        ("2001:db8::7, 2001:db8::8", (("2001:db8::7", "2001:db8::8"), None)),
        ("fe80::1%eth0", (("fe80::1%eth0",), None)),
    ],
)
def test_hosts_are_read_as_people_write_them(text: str, expected: object) -> None:
    assert hosts_and_port(text, None) == expected


@pytest.mark.parametrize(
    ("text", "port", "sentence"),
    [
        (",", None, "names no host"),
        (" , ,", None, "names no host"),
        ("a b", None, "'a b' is no host name"),
        ("a;b", None, "'a;b' is no host name"),
        ("http://a", None, "'http://a' is no host name"),
        ("a/b", None, "'a/b' is no host name"),
        ("a..b", None, "'a..b' is no host name"),
        (f"{'a' * 64}.org", None, "is no host name"),
        ("[a]", None, r"'\[a\]' is no host name"),
        ("[::1", None, "is no host name"),
        ("::1::2", None, "'::1::2' is no host name"),
        ("bücher", None, "'bücher' is no host name"),
        ("a:port", None, "'a:port' is no host name"),
        ("a:", None, "'a:' is no host name"),
        (":9042", None, "':9042' is no host name"),
        ("a:0", None, "port 0"),
        ("a:99999", None, "port 99999"),
        ("a:9042,b:9043", None, "ports 9042 and 9043.*CASSANDRA_PORT"),
        ("a:9043,b", None, "ports 9042 and 9043.*CASSANDRA_PORT"),
        ("a:9043", 9044, "ports 9043 and 9044.*CASSANDRA_PORT"),
    ],
)
def test_what_is_no_list_of_hosts_is_refused_in_one_sentence(text: str, port: int | None, sentence: str) -> None:
    with pytest.raises(ValueError, match=rf"CASSANDRA_HOSTS=.*{sentence}"):
        hosts_and_port(text, port)


def test_a_port_that_both_name_is_that_port() -> None:
    assert hosts_and_port("a:9043,b", 9043) == (("a", "b"), 9043)
    assert hosts_and_port("a", 9043) == (("a",), 9043)
