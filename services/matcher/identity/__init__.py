"""Identity: from the records of two programs to a decision about a pair."""
