"""Cassandra nodes as local processes: the server of the Maven jars, with its own folder for each node.

cluster/conf/cassandra.yaml holds what differs from the server's defaults and is the same everywhere; ports, addresses
and folders are added here. Every node is on its own loopback address and uses the same ports.
"""

from __future__ import annotations

import json
from pathlib import Path

from cluster.errors import ClusterError, writing
from cluster.fetch.jars import CASSANDRA, fetch
from cluster.java import java_home
from cluster.native.service import Service, accepts
from cluster.settings import Settings, node_addresses
from cql.connect import CassandraUnavailable, Contact, connect

SECONDS = 180.0
NODES_FILE = "nodes"
INTERACTIONS = ("interactions_by_user", "feedback_by_user")


def services(settings: Settings) -> list[Service]:
    """The nodes of the cluster, in the order in which they join."""
    _refuse_other_number_of_nodes(settings)
    jars = fetch(settings, CASSANDRA)
    return [_node(settings, jars, number) for number in range(1, settings.nodes + 1)]


def _node(settings: Settings, jars: Path, number: int) -> Service:
    host = node_addresses(settings.nodes)[number - 1]
    ports = settings.ports
    return Service(
        name=f"cassandra-{number}",
        group="cassandra",
        command=_command(settings, jars, number, _write_config(settings, number, host)),
        environ=settings.child_environ(),
        folder=_folder(settings, number),
        host=host,
        ports={"CASSANDRA_PORT": ports.cql, "CASSANDRA_STORAGE_PORT": ports.storage},
        ready=lambda: _has_joined(settings, host, number),
        seconds=SECONDS,
    )


def _command(settings: Settings, jars: Path, number: int, config: Path) -> list[object]:
    folder = _folder(settings, number)
    options = (settings.root / "cluster/conf/cassandra-jvm.options").read_text(encoding="utf-8").splitlines()
    heap = settings.memory.cassandra
    return [
        java_home(settings.environ) / "bin" / "java",
        *[part for line in options if line.startswith("-") for part in line.split()],
        f"-Xms{heap}m",
        f"-Xmx{heap}m",
        f"-javaagent:{next(jars.glob('jamm-*.jar'))}",
        f"-XX:HeapDumpPath={folder}",
        f"-Dcassandra.config={config.as_uri()}",
        f"-Dcassandra.storagedir={folder}",
        # how long a node listens to the others before it joins (30 s by itself): the first has none, and on a busy
        # machine one second is too short for the others, who give up when they have not heard the first by then
        f"-Dcassandra.ring_delay_ms={1_000 if number == 1 else 5_000}",
        f"-Dcassandra.jmx.local.port={settings.ports.jmx + number - 1}",
        f"-Dlogback.configurationFile={settings.root / 'cluster/conf/cassandra-logback.xml'}",
        "-cp",
        f"{jars}/*",
        "org.apache.cassandra.service.CassandraDaemon",
    ]


def _write_config(settings: Settings, number: int, host: str) -> Path:
    """Write the node's cassandra.yaml: the common part, then what depends on this node (JSON is YAML)."""
    folder = _folder(settings, number)
    own = {
        "cluster_name": settings.keyspace,
        "listen_address": host,
        "rpc_address": host,
        "storage_port": settings.ports.storage,
        "ssl_storage_port": settings.ports.storage,  # unused without encryption, but it must not be another's port
        "native_transport_port": settings.ports.cql,
        "seed_provider": [
            {
                "class_name": "org.apache.cassandra.locator.SimpleSeedProvider",
                "parameters": [{"seeds": f"127.0.0.1:{settings.ports.storage}"}],
            }
        ],
        "data_file_directories": [str(folder / "data")],
        "commitlog_directory": str(folder / "commitlog"),
        "hints_directory": str(folder / "hints"),
        "saved_caches_directory": str(folder / "saved_caches"),
        "cdc_raw_directory": str(folder / "cdc_raw"),
        # no passwords: the nodes listen on loopback only
        "authenticator": "AllowAllAuthenticator",
        "authorizer": "AllowAllAuthorizer",
    }
    common = (settings.root / "cluster/conf/cassandra.yaml").read_text(encoding="utf-8")
    path = settings.run_dir / "conf" / f"cassandra-{number}.yaml"
    for place in (path.parent, folder):
        with writing(place):
            place.mkdir(parents=True, exist_ok=True)
    with writing(path):
        lines = "".join(f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in own.items())
        path.write_text(common + lines, encoding="utf-8")
    return path


def _has_joined(settings: Settings, host: str, number: int) -> bool:
    """Whether the node answers a query and sees the `number` - 1 nodes that joined before it."""
    if not accepts(host, settings.ports.cql):  # quicker and quieter than the driver while the server boots
        return False
    contact = Contact((host,), settings.ports.cql, settings.keyspace, settings.username, settings.password)
    try:
        session = connect(contact, keyspace=False)
    except CassandraUnavailable:
        return False
    try:
        return len(list(session.execute("SELECT peer FROM system.peers"))) >= number - 1
    finally:
        session.cluster.shutdown()


def _refuse_other_number_of_nodes(settings: Settings) -> None:
    """A data folder stays with its number of nodes: rows would be missing with fewer, and copies with more."""
    path = home(settings) / NODES_FILE
    if path.exists() and (made_with := path.read_text().strip()) != str(settings.nodes):
        raise ClusterError(
            f"{path.parent} holds a cluster of {made_with} node(s), but NODES={settings.nodes}. "
            f"Set NODES={made_with}, or another DATA_DIR, or remove {path.parent} and run `make preprocess` again."
        )
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(settings.nodes))


def home(settings: Settings) -> Path:
    """The folder of all nodes' files."""
    return settings.data_dir / "cassandra"


def has_interactions(settings: Settings) -> bool:
    """Whether the files have a table of what people did at the site, in whatever keyspace."""
    return any(any(home(settings).glob(f"node*/data/*/{table}-*")) for table in INTERACTIONS)


def _folder(settings: Settings, number: int) -> Path:
    return home(settings) / f"node{number}"
