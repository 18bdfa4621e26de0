"""Households as seen from both sides, the facts about them, and mutual cases."""
