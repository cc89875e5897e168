"""The twelve sample messages, one for each thing a gateway in front of lists meets every week."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from listward.cli.demo.world import World
from listward.runtime.ids import new_id


@dataclass(frozen=True, slots=True)
class Sample:
    """One message as it is sent: what it is in a few words, its envelope, its bytes."""

    title: str
    sender: str
    recipient: str
    raw: bytes

    @property
    def message_id(self) -> str:
        """Its Message-ID, as the case keeps it."""
        line = next(line for line in self.raw.split(b"\r\n") if line.lower().startswith(b"message-id:"))
        return line.split(b":", 1)[1].strip().decode()


def twelve(world: World) -> tuple[Sample, ...]:
    """Return the samples in the order they are sent; the eighth repeats the first."""
    post = _post()
    return (
        post,
        _spam(),
        _personal_appeal(),
        _dues(world),
        _internal_outside(world),
        _outsider_to_board(),
        _forged(),
        Sample("the first message again", post.sender, post.recipient, post.raw),
        _malformed(),
        _unsubscribe(),
        _criticism(),
        _unknown_list(),
    )


def _post() -> Sample:
    text = "The hall is booked for Thursday at seven. Who can bring chairs?\n\nAnn"
    return _sample("a member's post", "ann@members.example", "Ann Ito", "Thursday's meeting", text)


def _spam() -> Sample:
    text = (
        "CONGRATULATIONS! You have been selected as winner of 1,500,000 USD. Act now, limited offer!\n"
        "Click here http://203.0.113.9/claim-prize?id=99 to claim your prize. Cheap pills, no prescription,\n"
        "100% free money guaranteed. To be removed click here."
    )
    return _sample("spam", "prize@elsewhere.example", "Lucky Winner Office", "YOU WON $$$ claim today", text)


def _personal_appeal() -> Sample:
    text = (
        "Dear all, I lost my job last month and I cannot pay my rent. Could anyone help me with some money?\n"
        "Anything helps. My account is DE89 3704 0044 0532 0130 00, or paypal.me/benosei. Thank you so much.\n\nBen"
    )
    return _sample("a plea for money for oneself", "ben@members.example", "Ben Osei", "I need your help", text)


def _dues(world: World) -> Sample:
    text = (
        "Membership dues for the fourth quarter are payable by 15 December. Please pay to the party's account as\n"
        "printed on your membership card. Whoever cannot pay may ask me for a reduction.\n\nDora Lind, treasurer"
    )
    sample = _sample("a reminder of party dues", "treasurer@party.example", "Dora Lind", "Dues, fourth quarter", text)
    return Sample(sample.title, sample.sender, sample.recipient, world.sign(sample.raw))


def _internal_outside(world: World) -> Sample:
    text = "Here are the minutes of the board's last meeting.\n\nEmil Vega"
    sample = _sample(
        "an internal matter, copied to the press",
        "chair@party.example",
        "Emil Vega",
        "[internal] Minutes of the board",
        text,
        to="board@party.example",
        cc="desk@newspaper.example",
    )
    return Sample(sample.title, sample.sender, sample.recipient, world.sign(sample.raw))


def _outsider_to_board() -> Sample:
    text = "Dear board, I would like to offer you our office furniture."
    return _sample(
        "an outsider to the board's list",
        "sales@elsewhere.example",
        "Office World",
        "Office furniture",
        text,
        to="board@party.example",
    )


def _forged() -> Sample:
    text = "Please open the attached list of candidates and log in again with your password."
    return _sample("a forged officer", "chair@party.example", "Emil Vega", "Candidates", text)


def _malformed() -> Sample:
    sample = _sample("a malformed message", "ann@members.example", "Ann Ito", "Bare line ends", "One line.")
    return Sample(sample.title, sample.sender, sample.recipient, sample.raw.replace(b"One line.", b"One\nline."))


def _unsubscribe() -> Sample:
    return _sample(
        'an "unsubscribe" command',
        "carla@members.example",
        "Carla Ruiz",
        "unsubscribe",
        "",
        to="members-leave@party.example",
    )


def _criticism() -> Sample:
    text = (
        "The committee handled the strike vote badly, and the moderators were no help either. I am damn angry,\n"
        "and I will say so at the congress.\n\nCarla"
    )
    return _sample("sharp criticism of the leadership", "carla@members.example", "Carla Ruiz", "The strike vote", text)


def _unknown_list() -> Sample:
    return _sample(
        "mail to a list that does not exist",
        "ann@members.example",
        "Ann Ito",
        "Hello",
        "Is anybody there?",
        to="choir@party.example",
    )


def _sample(
    title: str, sender: str, name: str, subject: str, text: str, to: str = "members@party.example", cc: str = ""
) -> Sample:
    fields = [
        f"From: {name} <{sender}>",
        f"To: {to}",
        *([f"Cc: {cc}"] if cc else []),
        f"Subject: {subject}",
        f"Date: {format_datetime(datetime.now(UTC))}",
        f"Message-ID: <{new_id()}@{sender.partition('@')[2]}>",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
    ]
    raw = "\n".join([*fields, "", text, ""]).replace("\n", "\r\n").encode()
    return Sample(title, sender, to, raw)
