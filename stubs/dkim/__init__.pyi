import logging
from collections.abc import Callable

class DKIMException(Exception): ...
class ValidationError(DKIMException): ...
class MessageFormatError(DKIMException): ...
class KeyFormatError(DKIMException): ...

class DKIM:
    headers: list[tuple[bytes, bytes]]
    body: bytes
    pk: object
    keysize: int
    ktag: bytes
    seqtlsrpt: bool
    def __init__(self, message: bytes | None = None, logger: logging.Logger | None = None, minkey: int = 1024) -> None: ...
    def verify_headerprep(
        self, idx: int = 0
    ) -> tuple[dict[bytes, bytes], list[bytes], list[tuple[bytes, bytes]]]: ...
    def verify_sig_process(
        self,
        sig: dict[bytes, bytes],
        include_headers: list[bytes],
        sig_header: tuple[bytes, bytes],
        dnsfunc: Callable[..., bytes] | None,
    ) -> bool: ...
    def sign(
        self,
        selector: bytes,
        domain: bytes,
        privkey: bytes,
        signature_algorithm: bytes | None = None,
        identity: bytes | None = None,
        canonicalize: tuple[bytes, bytes] = ...,
        include_headers: list[bytes] | None = None,
        length: bool = False,
    ) -> bytes: ...
