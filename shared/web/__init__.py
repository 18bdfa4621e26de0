"""What the HTTP faces of the services call: problems, callers, idempotency, entity tags, pages, health."""
