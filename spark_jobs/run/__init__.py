"""How a job runs: command line, Spark session and application, row of progress, alerts, MLflow."""
