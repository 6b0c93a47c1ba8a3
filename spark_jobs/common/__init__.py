"""What every job shares: the command line, the session, reading and writing, the run record."""
