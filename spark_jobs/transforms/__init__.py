"""DataFrames and Columns in, DataFrames and Columns out; no input or output."""
