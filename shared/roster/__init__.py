"""Rosters: files of records that a county brings, one row a person, in CSV or NDJSON."""
