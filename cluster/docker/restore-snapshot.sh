#!/bin/sh
# Load a tar of snapshots (docs/runbook.md) into the tables as they are installed now. Existing rows stay: newer ones win.
set -eu
work=$(mktemp -d)
tar -C "$work" -xf "$1"
for snapshot in "$work"/*/*/snapshots/*; do
    table=$(basename "$(dirname "$(dirname "$snapshot")")")
    keyspace=$(basename "$(dirname "$(dirname "$(dirname "$snapshot")")")")
    ls "$snapshot"/*-Data.db >/dev/null 2>&1 || continue # an empty table
    echo "$keyspace.${table%-*}"
    nodetool import --copy-data "$keyspace" "${table%-*}" "$snapshot"
done
rm -r "$work"
