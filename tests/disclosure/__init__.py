"""Two readings of the rules of disclosure: the engine, and one written apart from it."""
