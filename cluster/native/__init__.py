"""The cluster without Docker: the same services as processes of this machine."""
