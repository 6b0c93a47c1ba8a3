"""The jobs: `ls spark_jobs/*.py` is their list."""

import os
import sys

from domain.contract.spark_environment import without_other_spark

if "pyspark" not in sys.modules and "PYSPARK_GATEWAY_PORT" not in os.environ:
    sys.path[:] = without_other_spark(sys.path, os.environ)  # before a job imports PySpark; spark-submit brings its own
