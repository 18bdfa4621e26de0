"""The matcher: who is the same person, which families are shared, and what may be told to whom."""
