"""mailmanclient's connection, bounded: in time, in octets, and to the one server that the password is for.

As it ships it waits for ever, reads an answer of any size, follows redirects and asks the environment for proxies.
"""

import ssl
import time
from collections.abc import Callable, Mapping

import msgspec
import requests
from mailmanclient.restbase.connection import Connection

from listward.config.mailman_url import MailmanUrl
from listward.queue.courier.mailman.trouble import Kind, MailmanTrouble

CONNECT_S = 5.0
SILENT_S = 30.0  # Mailman's own server gives up on a request after as long
MOST_OCTETS = 8 * 1024 * 1024  # of one answer; a page of 500 people takes some 150 KiB
_BLOCK = 65_536
_KINDS = {401: Kind.REFUSED, 403: Kind.REFUSED, 404: Kind.NO_LIST}


class BoundedConnection(Connection):
    """Only reads. Everything raises MailmanTrouble. Close it after one reading; for one thread at a time.

    `ends_at` is when the reading has to be done, by `monotonic`.
    """

    def __init__(
        self,
        url: MailmanUrl,
        user: str,
        password: str,
        ca_file: str = "",
        ends_at: float = float("inf"),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(url.base)  # which keeps no password: its texts would show it
        self._ends_at = ends_at
        self._monotonic = monotonic
        self.asked = 0
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.auth = (user.encode(), password.encode())
        self._session.verify = ca_file or authorities()
        self._session.headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "listward"}

    def call(
        self, path: str, data: Mapping[str, object] | None = None, method: str | None = None
    ) -> tuple[object, object]:
        """GET a path and return (None, the answer's object)."""
        if data is not None or method not in (None, "GET"):
            raise ValueError("this connection only reads")
        return None, self.get(path)

    def get(self, path: str) -> dict[str, object]:
        """GET a path, which may be a whole address: what it says of the server does not count."""
        self.asked += 1
        url = self.rewrite_url(path if "://" in path else self.baseurl + path)
        try:
            timeout = (min(CONNECT_S, self._left_s()), min(SILENT_S, self._left_s()))
            with self._session.get(url, allow_redirects=False, stream=True, timeout=timeout) as response:
                return _decoded(self._body(response))
        except requests.exceptions.SSLError:
            raise MailmanTrouble(Kind.TLS) from None
        except requests.exceptions.Timeout:
            raise MailmanTrouble(Kind.SLOW) from None
        except (requests.exceptions.RequestException, OSError):
            raise MailmanTrouble(Kind.UNREACHABLE) from None

    def close(self) -> None:
        """Close what is open."""
        self._session.close()

    def _left_s(self) -> float:
        left = self._ends_at - self._monotonic()
        if left <= 0:
            raise MailmanTrouble(Kind.SLOW)
        return left

    def _body(self, response: requests.Response) -> bytes:
        """The answer's octets, read block by block: a drip of single octets is bounded by time, not by silence."""
        _check(response)
        body = bytearray()
        while block := _next_block(response):
            body += block
            if len(body) > MOST_OCTETS:
                raise MailmanTrouble(Kind.TOO_LARGE)
            self._left_s()
        return bytes(body)


def authorities() -> str | bool:
    """The system's certificate authorities, as requests takes them; its own where the system has none."""
    paths = ssl.get_default_verify_paths()
    return paths.cafile or paths.capath or True


def _check(response: requests.Response) -> None:
    status = response.status_code
    if status != 200:
        kind = Kind.SERVER_ERROR if status >= 500 else Kind.REDIRECTED if 300 <= status < 400 else Kind.GARBAGE
        raise MailmanTrouble(_KINDS.get(status, kind))
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise MailmanTrouble(Kind.GARBAGE)  # nobody asked for it, and it could unpack to anything


def _next_block(response: requests.Response) -> bytes:
    """What one look at the socket gives; requests' own reading waits until a whole block is there."""
    try:
        return response.raw.read1(_BLOCK, decode_content=False)
    except Exception as error:  # urllib3's errors are no OSErrors, and not part of what requests promises
        raise MailmanTrouble(Kind.SLOW if "Timeout" in type(error).__name__ else Kind.GARBAGE) from None


def _decoded(body: bytes) -> dict[str, object]:
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise MailmanTrouble(Kind.GARBAGE) from None
    if not isinstance(answer, dict):
        raise MailmanTrouble(Kind.GARBAGE)
    return answer
