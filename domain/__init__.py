"""Rules, formulas and models in pure Python and numpy: no Spark, no Cassandra, nothing of the other folders."""
