"""The three services, the command line and the one-process runner."""
