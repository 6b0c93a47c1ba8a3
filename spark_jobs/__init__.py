"""The jobs: `ls spark_jobs/*.py` is their list."""
