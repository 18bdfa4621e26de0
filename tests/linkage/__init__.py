"""Matching against rosters that nobody here made up."""
