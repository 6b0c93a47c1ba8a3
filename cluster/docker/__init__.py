"""The cluster in containers: docker-compose.yml, driven by `make`. Needs Python's standard library and nothing else."""
