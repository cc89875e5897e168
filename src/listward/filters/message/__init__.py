"""One message, parsed once, with lazy views."""
