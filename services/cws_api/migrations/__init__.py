"""The numbered history of the database."""
