"""Replies: what an Idempotency-Key was answered, kept for 30 days (contract: Idempotency)."""

import base64
import hashlib
import json
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from licensing.domain.instants import Instant
from licensing.domain.records import Record, Ref

KEPT = timedelta(days=30)


class Reply(Record):
    """The answer to one idempotency key, or as much of it as an interrupted bulk command had committed."""

    kind: ClassVar[str] = "reply"
    reply_id: str
    digest: str
    expires_at: Instant
    changed: bool = False
    packed: str | None = None
    packed_parts: tuple[str, ...] = ()

    @property
    def ref(self) -> Ref["Reply"]:
        return Ref(Reply, (self.reply_id,))

    @property
    def body(self) -> dict[str, Any] | None:
        """The whole answer, once the command is through."""
        return None if self.packed is None else unpack(self.packed)

    @property
    def parts(self) -> tuple[Any, ...]:
        """The answers of the steps committed so far."""
        return tuple(unpack(part) for part in self.packed_parts)

    def is_over(self, now: datetime) -> bool:
        return self.expires_at <= now


@dataclass(frozen=True, slots=True)
class ReplyKey:
    """An idempotency key as one caller used it, for one request."""

    reply_id: str
    digest: str

    @classmethod
    def of(cls, subject: str, key: str, request: str) -> "ReplyKey":
        """Keys of different callers never meet; `request` is the method, path, query and body."""
        reply_id = hashlib.sha256(f"{subject}\n{key}".encode()).hexdigest()
        return cls(reply_id, hashlib.sha256(request.encode()).hexdigest())

    @property
    def ref(self) -> Ref[Reply]:
        return Ref(Reply, (self.reply_id,))

    def fresh(self, now: datetime) -> Reply:
        return Reply(reply_id=self.reply_id, digest=self.digest, expires_at=now + KEPT)


def pack(value: Any) -> str:
    """JSON, compressed: the answer about 10,000 licences must fit into one item of 400 KB."""
    return base64.b85encode(zlib.compress(json.dumps(value, separators=(",", ":")).encode())).decode()


def unpack(text: str) -> Any:
    return json.loads(zlib.decompress(base64.b85decode(text)))
