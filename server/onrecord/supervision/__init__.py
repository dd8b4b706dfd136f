"""The supervisor that owns all processes, and its client, the embedded engine."""
