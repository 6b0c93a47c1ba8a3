"""Song plays: from JSON logs to a star schema, the tables of /songs, and songs for each listener."""
