"""The frame in which every job runs: command line, Spark session and application, row of progress, alerts, MLflow."""
