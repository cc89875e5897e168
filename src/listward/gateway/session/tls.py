"""The certificate: TLS 1.2 or newer, read anew when its files change; broken new files leave the old one in use."""

import ssl
from collections.abc import Callable
from pathlib import Path

Signature = tuple[tuple[int, ...], ...]
_REASONS = {
    "KEY_VALUES_MISMATCH": "the key does not belong to the certificate",
    "NO_CERTIFICATE_OR_CRL_FOUND": "there is no certificate in it; allowed: certificates in PEM",
    "EE_KEY_TOO_SMALL": "the key is too short",
}
_UNREADABLE = "not a certificate and its key; allowed: both in PEM, the key without a pass phrase"


def in_words(error: OSError | ValueError) -> str:
    """Say what is wrong with files of certificates and keys; OpenSSL's own words tell nobody."""
    if isinstance(error, OSError) and not isinstance(error, ssl.SSLError) and error.strerror:
        return error.strerror.lower()
    return _REASONS.get(str(getattr(error, "reason", "")), _UNREADABLE)


class Credentials:
    """Certificate and key, and whose certificates clients may show (`client_ca`: authorities, or clients' own).

    `context` is what the next handshake uses. Raises OSError and ValueError where the files cannot be used.
    """

    def __init__(self, certificate: Path, key: Path | None, client_ca: Path | None = None) -> None:
        self._certificate, self._key, self._client_ca = certificate, key, client_ca
        self._seen = self._signature()
        self.context = self._read()

    def refresh(self, on_fault: Callable[[str], None] = lambda reason: None) -> bool | None:
        """Read changed files: True where they are in use now, False where they cannot be used, None without a change.

        What is wrong with them is told once for each change.
        """
        signature = self._signature()
        if signature == self._seen:
            return None
        self._seen = signature
        try:
            self.context = self._read()
        except (OSError, ValueError) as error:
            on_fault(in_words(error))
            return False
        return True

    def _read(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
        # A key under a pass phrase is a fault: OpenSSL would ask for it at the terminal and wait for ever.
        context.load_cert_chain(self._certificate, self._key, password="")
        if self._client_ca is not None:
            context.load_verify_locations(self._client_ca)
            # A client's own certificate may be the anchor, without an authority above it.
            context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
            context.verify_mode = ssl.CERT_OPTIONAL
        return context

    def _signature(self) -> Signature:
        """What shows that a file has changed; () for one that is not there."""
        files = (path for path in (self._certificate, self._key, self._client_ca) if path is not None)
        return tuple(_state(path) for path in files)


def _state(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino
