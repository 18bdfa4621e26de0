"""The rules of CalWORKs records, in plain Python."""
