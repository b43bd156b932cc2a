"""Signing out: what a sign-in was given until then counts for nothing, wherever it is kept.

ID tokens need no look-up, so nobody can take one back; but each says when its holder signed in, and a refreshed one
says the same. The authorizer compares that with the record here.
"""

from datetime import datetime, timedelta
from typing import ClassVar

from licensing.domain.core.decisions import Change, Decision, decide
from licensing.domain.core.instants import Instant
from licensing.domain.core.records import Record, Ref
from licensing.domain.people.views import SignOutView

# Longer than a refresh token lives (30 days): after that nothing is left to refuse.
KEPT = timedelta(days=31)


class SignOut(Record):
    """When a sign-in last signed out, or was taken away. No ledger tells of it: it is bookkeeping."""

    kind: ClassVar[str] = "sign_out"
    subject: str
    at: Instant
    forget_at: Instant

    @property
    def ref(self) -> Ref["SignOut"]:
        return SignOut.ref_of(self.subject)

    @staticmethod
    def ref_of(subject: str) -> Ref["SignOut"]:
        return Ref(SignOut, (subject,))

    @classmethod
    def of(cls, subject: str, now: datetime) -> "SignOut":
        return cls(subject=subject, at=now, forget_at=now + KEPT)

    def revokes(self, signed_in: int) -> bool:
        """Whether a session that began then, in epoch seconds, is over; one of the same second is."""
        return signed_in <= self.at.timestamp()


def sign_out(known: SignOut | None, subject: str, now: datetime) -> Decision[SignOutView]:
    """Ends all sessions of the sign-in, on every device."""
    return decide(SignOutView(signed_out_at=now), None, "", [Change(known, SignOut.of(subject, now))])
