"""A reader whose worker has given a message up."""

import socket
from collections.abc import Iterable

import pytest
from messages import build
from reader_process import CONTEXT, MODEL

from listward.filters.context import Context
from listward.filters.findings import Finding
from listward.filters.message.message import Message
from listward.gateway.reader.process import Conversation, Workshop
from listward.gateway.reader.wire import Request, Setup, encode_request, encode_setup


@pytest.mark.parametrize("waits", [True, False])
def test_what_nobody_waits_for_is_not_read(waits: bool) -> None:
    """A worker past its deadline hangs up; others may wait behind its message."""
    seen: list[str] = []

    def note(message: Message, context: Context) -> Iterable[Finding]:
        seen.append(message.subject)
        return ()

    worker, reader = socket.socketpair()
    with worker, reader:
        worker.sendall(encode_setup(Setup(CONTEXT, MODEL.packed(), 60.0, 60.0)))
        worker.sendall(encode_request(Request(0.0, build(subject="large"))))
        if waits:
            reader.settimeout(1)  # ends the conversation after the answer
            Conversation(reader, -1, Workshop((("note", note),))).run()
            assert worker.recv(4)
        else:
            worker.close()
            Conversation(reader, -1, Workshop((("note", note),))).run()
    assert seen == (["large"] if waits else [])
