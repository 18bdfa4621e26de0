"""The HTTP addresses: each parses, calls a handler and presents what it returns."""
