"""Starting, stopping and filling the cluster: settings, what is fetched, and the two runtimes."""
