"""The licence key as the table knows it: never in clear (D8), and who has claimed it (D11)."""

from typing import ClassVar, Literal

from licensing.domain.core.errors import Refusal
from licensing.domain.core.instants import Instant
from licensing.domain.core.records import Record, Ref, Value
from licensing.domain.licenses import key_codec
from licensing.domain.licenses.catalog import LicenseModel, model_of

KeyState = Literal["pending", "issued", "claimed"]

_BASE32 = key_codec.ALPHABET.lower()


class Holder(Value):
    """Who claimed a key."""

    kind: Literal["organization", "msp"]
    id: str


class LicenseKey(Record):
    """One order line's key. Found by its hash; its ciphertext is only for reprinting.

    `sealed_line`: the line that the ciphertext is bound to, for keys that were sealed together; None: their own.
    """

    kind: ClassVar[str] = "key"
    key_hash: str
    fingerprint: str
    ciphertext: str
    sealed_line: int | None = None
    license_model: str
    quantity: int
    issued_at: Instant
    order_id: str
    po_number: str
    line: int
    claimed_by: str | None = None
    claimed_at: Instant | None = None
    voided_at: Instant | None = None
    renewal_id: str | None = None

    @property
    def ref(self) -> Ref["LicenseKey"]:
        return LicenseKey.ref_of(self.key_hash)

    @staticmethod
    def ref_of(key_hash: str) -> Ref["LicenseKey"]:
        return Ref(LicenseKey, (key_hash,))

    @property
    def owner(self) -> str:
        """Once claimed, the ledger of whoever claimed it tells of it (`org/…`, `msp/…`), before that the order's."""
        return self.claimed_by or f"order/{self.order_id}"

    @property
    def holder(self) -> Holder | None:
        if self.claimed_by is None:
            return None
        kind, _, name = self.claimed_by.partition("/")
        return Holder(kind="msp" if kind == "msp" else "organization", id=name)

    @property
    def state(self) -> KeyState:
        return "claimed" if self.claimed_by else "issued"

    @property
    def key_id(self) -> str:
        """20 lower-case symbols that name the key in public: when it was issued, then the start of its hash.

        Ids sort by issue date, hence by forced activation date (D26).
        """
        # Seven symbols count seconds up to the year 3058, beyond the last that `core/instants` takes.
        return _base32(int(self.issued_at.timestamp()), 7) + _base32(int(self.key_hash[:17], 16) >> 3, 13)

    @property
    def seal_context(self) -> str:
        return seal_context(self.order_id, self.sealed_line or self.line)

    @property
    def model(self) -> LicenseModel:
        return model_of(self.license_model)


def seal_context(order_id: str, line: int) -> str:
    """What a ciphertext of keys is bound to."""
    # So a ciphertext that is put into another order's record does not open there; within an order the hash tells keys.
    return f"{order_id}/{line}"


def _base32(number: int, width: int) -> str:
    return "".join(_BASE32[number >> 5 * place & 31] for place in reversed(range(width)))


def why_unclaimable(key: LicenseKey) -> Refusal | None:
    """Why nobody can claim the key any more (D11); None while somebody can."""
    if key.voided_at:
        return Refusal(
            "key_voided",
            f"The key {key.fingerprint} was withdrawn.",
            "Use the key that was sent in its place, or ask where you bought it.",
        )
    if key.claimed_by:
        return Refusal(
            "already_claimed",
            f"The key {key.fingerprint} has been claimed elsewhere.",
            "A claim is final. Ask where you bought the key if you did not claim it.",
        )
    return None
