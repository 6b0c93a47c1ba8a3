"""Start, stop and fill the cluster: settings, what is fetched, two runtimes, and the pipeline."""
