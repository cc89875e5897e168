"""The verbs of one SMTP session."""
