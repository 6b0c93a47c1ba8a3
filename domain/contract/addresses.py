"""Where Cassandra and Spark are, as CASSANDRA_HOSTS, CASSANDRA_PORT and SPARK_MASTER_URL say it."""

from __future__ import annotations

import re
from ipaddress import ip_address

DEFAULT_PORT = 9042
MASTERS = re.compile(r"local(-cluster)?(\[.+\])?|spark://[^\s/]+:[0-9]+|(k8s|mesos)://\S+|yarn")
MASTERS_ALLOWED = "spark://host:port, or local[*]"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?")
_WITH_PORT = re.compile(r"(?P<host>\[[^]]*\]|[^:]*):(?P<port>[0-9]{1,9})")


def hosts_and_port(text: str, port: int | None) -> tuple[tuple[str, ...], int | None]:
    """The hosts of a list such as `a,b`, `a:9042, b:9042` or `[::1]`, and the port if one is given, by `port` or there.

    Raises:
        ValueError: a part is neither a name nor an address, or there are several ports; nodes of a cluster share one.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if text and not parts:
        raise ValueError(f"CASSANDRA_HOSTS={text!r} names no host: give host names separated by commas.")
    found = [_host_and_port(part, text) for part in parts]
    ports = {named or port or DEFAULT_PORT for _, named in found} | ({port} if port else set())
    if len(ports) > 1:
        several = " and ".join(str(each) for each in sorted(ports))
        raise ValueError(f"CASSANDRA_HOSTS={text!r} leads to the ports {several}: give the one port in CASSANDRA_PORT.")
    return tuple(host for host, _ in found), port or next((named for _, named in found if named), None)


def _host_and_port(part: str, text: str) -> tuple[str, int | None]:
    found = _WITH_PORT.fullmatch(part)
    host, port = (found["host"], int(found["port"])) if found else (part, None)
    if port is not None and not 1 <= port <= 65535:
        raise ValueError(f"CASSANDRA_HOSTS={text!r}: there is no port {port}; give one from 1 to 65535.")
    plain = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if _is_address(plain) or (plain == host and _NAME.fullmatch(host)):
        return plain, port
    raise ValueError(
        f"CASSANDRA_HOSTS={text!r} is not allowed: {part!r} is no host name; give host names separated by commas."
    )


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
