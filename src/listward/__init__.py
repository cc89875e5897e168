"""SMTP policy gateway in front of a member organisation's mailing lists."""
