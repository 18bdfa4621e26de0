"""Bringing alerts to people."""
