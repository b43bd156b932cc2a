"""An org's pool of shared AI tokens (D14)."""

from typing import ClassVar

from licensing.domain.core.records import Record, Ref


class TokenPool(Record):
    """The tokens an org has."""

    kind: ClassVar[str] = "ai_tokens"
    org_id: str
    balance: int = 0

    @property
    def ref(self) -> Ref["TokenPool"]:
        return TokenPool.ref_of(self.org_id)

    @staticmethod
    def ref_of(org_id: str) -> Ref["TokenPool"]:
        return Ref(TokenPool, (org_id,))

    @property
    def owner(self) -> str:
        return f"org/{self.org_id}"
