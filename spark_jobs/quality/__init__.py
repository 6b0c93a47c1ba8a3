"""Data quality: rules, one scan of each table, checks, a report and its gate."""
