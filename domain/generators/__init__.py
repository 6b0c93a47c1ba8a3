"""Made-up data of any size: MovieLens files, a content catalogue, songs and event logs, servers."""
