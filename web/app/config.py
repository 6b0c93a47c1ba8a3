"""Configuration of the web app: environment variables, named as in .env.example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cql.connect import Contact


@dataclass(frozen=True)
class Config:
    """Where Cassandra is, and the key that lets a caller write; without a key nobody may."""

    contact: Contact
    api_key: str | None

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Config:
        """Read the configuration from `CASSANDRA_*` and `API_KEY`.

        Raises:
            ValueError: a variable holds something that is not allowed; the message names it.
        """
        return cls(contact=Contact.from_env(environ), api_key=environ.get("API_KEY") or None)
