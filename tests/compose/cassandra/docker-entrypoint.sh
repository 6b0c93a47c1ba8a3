#!/usr/bin/env bash
# What the official entrypoint does for us: `cassandra -f` starts the server as the user cassandra, anything else is run.
set -euo pipefail
if [ "${1:-}" != cassandra ]; then
    exec "$@"
fi
if [ "$(id -u)" = 0 ]; then
    chown -R cassandra: /var/lib/cassandra
    exec runuser -u cassandra -- "$0" "$@"
fi
mapfile -t options < <(grep '^-' /etc/cassandra/cassandra-jvm.options | tr ' ' '\n')
# JVM_EXTRA_OPTS holds several
# shellcheck disable=SC2086
exec java "${options[@]}" -Xms"${MAX_HEAP_SIZE:-1G}" -Xmx"${MAX_HEAP_SIZE:-1G}" -javaagent:"$(ls /opt/cassandra/lib/jamm-*.jar)" \
    -Dlogback.configurationFile=/etc/cassandra/cassandra-logback.xml -Dcassandra.storagedir=/var/lib/cassandra -Dcassandra.jmx.local.port=7199 ${JVM_EXTRA_OPTS:-} \
    -cp '/opt/cassandra/lib/*' org.apache.cassandra.service.CassandraDaemon
