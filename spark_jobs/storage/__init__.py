"""The places where jobs read and write: paths, folders that appear whole, Parquet, tables of Cassandra, run records."""
