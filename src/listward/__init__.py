"""SMTP policy gateway in front of a member organisation's mailing lists."""

__version__ = "0.1.0"
