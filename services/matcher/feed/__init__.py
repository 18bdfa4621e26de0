"""What dashboards are told: the coordination topic, without anybody's identity."""
