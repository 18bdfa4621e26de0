"""One function for each command. It runs inside an open `Work` and returns what has become of the records."""
