"""Log-in, sessions, tokens."""
