"""How users, sessions and tokens are written: JSON objects, each with the fields of its value type."""

import json
from typing import Any

from listward.queue.desk.access.person import AccessRole
from listward.queue.desk.access.records import Session, Token, User


def encode_user(user: User) -> str:
    """Write a user."""
    return json.dumps(
        {
            "address": user.address,
            "roles": sorted(user.roles),
            "password_hash": user.password_hash,
            "disabled": user.disabled,
            "epoch": user.epoch,
            "zone": user.zone,
            "created_at": user.created_at,
        }
    )


def decode_user(text: str | bytes) -> User:
    """Read a user; a role of a later release is left out."""
    values: dict[str, Any] = json.loads(text)
    known = {role.value for role in AccessRole}
    roles = frozenset(AccessRole(role) for role in values["roles"] if role in known)
    return User(
        address=values["address"],
        roles=roles,
        password_hash=values["password_hash"],
        disabled=values["disabled"],
        epoch=values["epoch"],
        zone=values.get("zone", "UTC"),
        created_at=values.get("created_at", 0.0),
    )


def encode_session(session: Session) -> str:
    """Write a session."""
    return json.dumps([session.address, session.csrf, session.epoch, session.created_at])


def decode_session(text: str | bytes) -> Session:
    """Read a session."""
    address, csrf, epoch, created_at = json.loads(text)
    return Session(address, csrf, epoch, created_at)


def encode_token(token: Token) -> str:
    """Write a token."""
    return json.dumps(
        {
            "id": token.id,
            "address": token.address,
            "digest": token.digest,
            "label": token.label,
            "scopes": sorted(token.scopes),
            "created_at": token.created_at,
            "expires_at": token.expires_at,
        }
    )


def decode_token(text: str | bytes) -> Token:
    """Read a token."""
    values: dict[str, Any] = json.loads(text)
    return Token(**{**values, "scopes": frozenset(values["scopes"])})
