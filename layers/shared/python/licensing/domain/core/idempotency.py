"""Replies: what an Idempotency-Key was answered, kept for 30 days (docs/rules.md, Idempotency)."""

import base64
import hashlib
import json
import zlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeVar

from msgspec import Struct

from licensing.domain.core.errors import Refusal
from licensing.domain.core.instants import Instant, to_text
from licensing.domain.core.limits import REPLY_CHARACTERS
from licensing.domain.core.records import Record, RecordSet, Ref, Stored

P = TypeVar("P", bound=Stored)

KEPT = timedelta(days=30)


class ReplyChunk(Record):
    """What has no room in the reply itself, or need not be written with it again and again."""

    kind: ClassVar[str] = "piece"
    reply_id: str
    number: int
    expires_at: Instant
    packed: str

    @property
    def ref(self) -> Ref["ReplyChunk"]:
        return ReplyChunk.ref_of(self.reply_id, self.expires_at, self.number)

    @staticmethod
    def ref_of(reply_id: str, expires_at: datetime, number: int) -> Ref["ReplyChunk"]:
        """Named after its reply's end too, so that a key used again after 30 days never meets an old piece."""
        return Ref(ReplyChunk, (reply_id, f"{to_text(expires_at)}#{number:05}"))


class IdempotencyRecord(Record):
    """The answer to one idempotency key, or as much of it as an interrupted bulk command had committed.

    `settled` of the things asked for are done, of as many as `expected`, so far as that is known.
    Its pieces are first the `parts` that steps have answered for, then the `rest` of an answer too long for one item.
    """

    kind: ClassVar[str] = "reply"
    reply_id: str
    digest: str
    expires_at: Instant
    changed: bool = False
    packed: str | None = None
    parts: int = 0
    rest: int = 0
    settled: int = 0
    expected: int | None = None

    @property
    def ref(self) -> Ref["IdempotencyRecord"]:
        return Ref(IdempotencyRecord, (self.reply_id,))

    @property
    def is_whole(self) -> bool:
        """The command is through."""
        return self.packed is not None

    @property
    def pieces(self) -> list[Ref[ReplyChunk]]:
        """Those that say what the reply is good for now: the answer's rest, or the parts there are so far."""
        # The whole answer has the parts in it, so what steps told is not read again.
        first, last = (self.parts, self.parts + self.rest) if self.is_whole else (0, self.parts)
        return [ReplyChunk.ref_of(self.reply_id, self.expires_at, number) for number in range(first + 1, last + 1)]

    def body(self, pieces: RecordSet) -> dict[str, Any]:
        """The whole answer."""
        found: dict[str, Any] = unpack(
            (self.packed or "") + "".join(each.packed for each in pieces.present(self.pieces))
        )
        return found

    def done(self, pieces: RecordSet, classes: Iterable[type[P]]) -> tuple[P, ...]:
        """What the steps committed so far have answered, as parts of these classes."""
        by_kind = {each.kind: each for each in classes}
        told = (part for piece in pieces.present(self.pieces) for part in unpack(piece.packed))
        # The first release told no kind and no shape: it had one kind of parts in each reply.
        named = (part if isinstance(part, list) else (next(iter(by_kind)), 1, part) for part in told)
        return tuple(by_kind[kind].restored(json.dumps(facts), shape) for kind, shape, facts in named)

    def is_over(self, now: datetime) -> bool:
        return self.expires_at <= now

    def advanced(self, parts: Iterable[Stored]) -> tuple["IdempotencyRecord", list[ReplyChunk]]:
        """After one more step that is not the last."""
        after = self.evolve(parts=self.parts + 1)
        told = [[part.kind, part.shape(), part.model_dump(mode="json")] for part in parts]
        # Only this step's piece: all so far, written anew with each step, would fit no item for 10,000 licences.
        return after, [self._piece(after.parts, pack(told))]

    def answered(self, body: dict[str, Any]) -> tuple["IdempotencyRecord", list[ReplyChunk]]:
        """After the last step."""
        text = pack(body)
        first, *rest = [text[start : start + REPLY_CHARACTERS] for start in range(0, len(text), REPLY_CHARACTERS)]
        pieces = [self._piece(self.parts + number, each) for number, each in enumerate(rest, 1)]
        return self.evolve(packed=first, rest=len(rest)), pieces

    def _piece(self, number: int, packed: str) -> ReplyChunk:
        return ReplyChunk(reply_id=self.reply_id, number=number, expires_at=self.expires_at, packed=packed)


class IdempotencyKey(Struct, frozen=True):
    """An idempotency key as one caller used it, for one request."""

    reply_id: str
    digest: str

    @classmethod
    def of(cls, subject: str, key: str, request: str) -> "IdempotencyKey":
        """Keys of different callers never meet; `request` is the method, path, query and body."""
        reply_id = hashlib.sha256(f"{subject}\n{key}".encode()).hexdigest()
        return cls(reply_id, hashlib.sha256(request.encode()).hexdigest())

    @property
    def ref(self) -> Ref[IdempotencyRecord]:
        return Ref(IdempotencyRecord, (self.reply_id,))

    def require(self, digest: str) -> None:
        """Raises `idempotency_key_reused` for another request than the key was used for."""
        if digest != self.digest:
            raise Refusal(
                "idempotency_key_reused",
                "This Idempotency-Key was used before for another request.",
                "Send each new request with a new key.",
            )

    def begun(self, known: IdempotencyRecord | None, now: datetime) -> IdempotencyRecord:
        """The reply to go on with: the one there is, if it isn't over, or a new one."""
        if known and not known.is_over(now):
            return known
        return IdempotencyRecord(reply_id=self.reply_id, digest=self.digest, expires_at=now + KEPT)


def pack(value: Any) -> str:
    """JSON, compressed: the answer about 10,000 licences takes some 350 KB."""
    return base64.b85encode(zlib.compress(json.dumps(value, separators=(",", ":")).encode())).decode()


def unpack(text: str) -> Any:
    return json.loads(zlib.decompress(base64.b85decode(text)))
