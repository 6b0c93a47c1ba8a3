"""Made-up data written by all tasks at once; what the data are like is said in domain/generators."""
