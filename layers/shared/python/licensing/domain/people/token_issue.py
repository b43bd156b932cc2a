"""Making and revoking API tokens: none may do more than its maker may."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from licensing.domain.core import actions
from licensing.domain.core.decisions import Change, Decision, created, decide
from licensing.domain.core.errors import Fault, invalid, not_found
from licensing.domain.core.instants import to_text
from licensing.domain.core.limits import MAX_TOKEN_LIFE
from licensing.domain.people.access import Caller, Grant, Person
from licensing.domain.people.addresses import PersonAddress
from licensing.domain.people.api_tokens import ActiveTokens, ApiToken, TokenSecret, covers
from licensing.domain.people.requests import TokenRequest
from licensing.domain.people.views import MadeTokenView, TokenView


def maker_of(caller: Caller) -> str:
    """Under which id a caller's tokens are known."""
    return caller.person_id or caller.subject


def make(
    request: TokenRequest,
    caller: Caller,
    maker: Person | None,
    active: ActiveTokens | None,
    fresh: TokenSecret,
    now: datetime,
) -> Decision[MadeTokenView]:
    """A token with no more than its maker's grants, who may have so many. Raises `invalid_request`.

    What the authorizer said of the grants may be a minute old: the person's own record counts too, and the token is
    made only if that has not changed.
    """
    # A person whose `sub` is not recorded yet is whoever the pool has under the address now.
    held = maker.grants if maker and maker.subject in (None, caller.subject) else ()
    faults = [*_foreign(request.grants, caller.grants, held), *_lifetime(request.expires_at, now)]
    if faults or maker is None:
        raise invalid(*faults)
    made_by = maker_of(caller)
    token = ApiToken(
        **dict(request),
        token_id=fresh.token_id,
        made_by=made_by,
        subject=caller.subject,
        made_at=now,
        secret_hash=fresh.secret_hash,
    )
    answer = MadeTokenView(**TokenView.of(token, caller.email or made_by).model_dump())
    summary = f"API token {token.name} made, for {', '.join(grant.text for grant in token.grants)}"
    counted = Change(active, (active or ActiveTokens(made_by=made_by)).plus(token))
    return decide(answer, actions.TOKEN_MADE, summary, [created(token), counted], checks=(maker,))


def revoked_with(made_by: str, active: ActiveTokens | None, tokens: Iterable[ApiToken]) -> list[Change]:
    """What it takes to revoke all tokens of somebody who is removed.

    The count is written even if there was none: so a token that is made at the same time is a lost race.
    """
    counted = Change(active, ActiveTokens(made_by=made_by))
    return [counted, *(Change(token, None) for token in tokens)]


def revoke(
    token: ApiToken | None, active: ActiveTokens | None, maker: PersonAddress | None, caller: Caller
) -> Decision[TokenView]:
    """Its maker and operators may; for everybody else there is no such token."""
    if token is None or not (caller.is_operator or token.made_by == maker_of(caller)):
        raise not_found("API token")
    changes = [Change(token, None), *([Change(active, active.minus(token))] if active else ())]
    answer = TokenView.of(token, maker.shown if maker else token.made_by)
    return decide(answer, actions.TOKEN_REVOKED, f"API token {token.name} revoked", changes)


def _foreign(grants: Sequence[Grant], *held: Sequence[Grant]) -> list[Fault]:
    """Those that one of the `held` does not cover."""
    return [
        Fault(f"grants[{n}]", "is none that you hold yourself")
        for n, grant in enumerate(grants)
        if not all(covers(each, grant) for each in held)
    ]


def _lifetime(expires_at: datetime, now: datetime) -> list[Fault]:
    if timedelta() < expires_at - now <= MAX_TOKEN_LIFE:
        return []
    return [Fault("expires_at", f"must lie between now, {to_text(now)}, and {to_text(now + MAX_TOKEN_LIFE)}")]
