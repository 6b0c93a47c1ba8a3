"""Prints docs/tables.md from cql/tables: `python -m cql.document > docs/tables.md`."""

from __future__ import annotations

from cql import TABLES, Table

HEAD = (
    "# Tables\n\nMade from `cql/tables` by `python -m cql.document > docs/tables.md`; a test holds the two together.\n"
)


def _section(table: Table) -> str:
    clustering = "".join(f", {name}" for name in table.clustering_key)
    rows = "\n".join(f"| `{column.name}` | `{column.type}` | {column.comment} |" for column in table.columns)
    return (
        f"\n## {table.name}\n\n{table.question}\n\n"
        f"Written by: {table.written_by}. Read by: {table.read_by}. "
        f"Key: `(({', '.join(table.partition_key)}){clustering})`.\n\n"
        f"| column | type | what it holds |\n|---|---|---|\n{rows}\n"
    )


def document() -> str:
    """The whole page as Markdown."""
    return HEAD + "".join(_section(table) for table in TABLES.values())


if __name__ == "__main__":
    print(document(), end="")
