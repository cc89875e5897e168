from collections.abc import Mapping
from types import TracebackType
from typing import Self

from requests import exceptions as exceptions

class _Raw:
    def read1(self, amt: int | None = None, decode_content: bool | None = None) -> bytes: ...

class Response:
    status_code: int
    headers: Mapping[str, str]
    raw: _Raw
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None: ...

class Session:
    trust_env: bool
    verify: bool | str
    auth: tuple[bytes, bytes] | None
    headers: dict[str, str]
    def get(
        self, url: str, *, allow_redirects: bool = True, stream: bool = False, timeout: tuple[float, float]
    ) -> Response: ...
    def close(self) -> None: ...
