"""CalWORKs: persons, applications, units, cases, assignments, notices and sanctions of a county."""
