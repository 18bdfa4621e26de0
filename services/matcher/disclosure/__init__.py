"""Disclosure: one gate that every fact passes before it crosses from one program to the other."""
