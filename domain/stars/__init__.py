"""Models that predict stars, as arrays in one process: what is published, and what it is compared with."""
