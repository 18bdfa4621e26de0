"""Alerts: derived from what both programs know, decided at the gate, shown in order of the legal clock."""
