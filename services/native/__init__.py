"""Apache Kafka and PostgreSQL as ordinary processes, for test runs and for machines without Docker."""
