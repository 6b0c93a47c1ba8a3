"""The jobs: `ls spark_jobs/*.py` is their list."""

import os
import sys

from domain.contract.spark_environment import of_this_machine, without_other_spark

os.environ.update(of_this_machine(os.environ))
if "pyspark" not in sys.modules and "PYSPARK_GATEWAY_PORT" not in os.environ:
    sys.path[:] = without_other_spark(sys.path, os.environ)  # before a job imports PySpark; spark-submit brings its own
