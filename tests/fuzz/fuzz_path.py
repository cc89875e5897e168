"""What follows MAIL FROM: and RCPT TO: — refused by AddressError, or an address that can stand in a command again."""

from listward.wire.addresses import AddressError, after_keyword, is_safe_address, is_safe_parameter, parse_path

GROW = (b'<"\\a', b"<@a.example,", b"<a@b.example> A=b ", b"<a.", b"<a@[IPv6:", b"<a@x-.")


def one(data: bytes) -> None:
    """Read as the argument of both commands."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    is_safe_address(text)
    is_safe_parameter(text)
    for keyword, argument in (("FROM:", text), ("TO:", "TO:" + text)):
        try:
            path = parse_path(after_keyword(argument, keyword), null=True, postmaster=True, smtputf8=True)
        except AddressError:
            continue
        again = " ".join((f"<{path.address}>", *path.written))
        assert parse_path(again, null=True, postmaster=True, smtputf8=True) == path
        assert not path.address or is_safe_address(path.address)
        assert again.isprintable() or not again.isascii()
        assert not set("\r\n\0") & set(again)
