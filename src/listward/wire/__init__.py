"""SMTP and LMTP on the wire: client and pool, replies, address and header emitters, dot-stuffing. Knows no rule."""
