import logging
from collections.abc import Sequence
from typing import Protocol

from dkim.canonicalization import CanonicalizationPolicy

class DKIMException(Exception): ...
class ValidationError(DKIMException): ...
class MessageFormatError(DKIMException): ...
class KeyFormatError(DKIMException): ...

class DKIM:
    headers: list[tuple[bytes, bytes]]
    def __init__(
        self, message: bytes | None = None, logger: logging.Logger | None = None, minkey: int = 1024
    ) -> None: ...
    def verify_headerprep(self, idx: int = 0) -> tuple[dict[bytes, bytes], list[bytes], list[tuple[bytes, bytes]]]: ...
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

class _Hasher(Protocol):
    def update(self, data: bytes, /) -> None: ...

def validate_signature_fields(sig: dict[bytes, bytes]) -> None: ...
def hash_headers(
    hasher: _Hasher,
    canonicalize_headers: CanonicalizationPolicy,
    headers: Sequence[tuple[bytes, bytes]],
    include_headers: Sequence[bytes],
    sigheader: tuple[bytes, bytes],
    sig: dict[bytes, bytes],
) -> list[tuple[bytes, bytes]]: ...
