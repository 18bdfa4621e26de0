"""The rules of child welfare records, in plain Python."""
