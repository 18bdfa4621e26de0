"""What the three services call and none inherits from."""
