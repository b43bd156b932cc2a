"""Who is calling: a person, by a token of our user pool, or an API client, by an API token; and what each may do.

API Gateway keeps the answer for at most 60 s, so a grant taken away, or a session signed out, stops working within
that time. Only what we can't look up (the pool's keys, the table, the second factor) ends in a 500.
"""

from collections.abc import Callable, Mapping
from typing import Any

from licensing.domain.people.access import Caller, Person
from licensing.domain.people.addresses import AddressHolder, PersonAddress
from licensing.domain.people.api_tokens import ApiToken, TokenSecret
from licensing.domain.people.sign_outs import SignOut
from licensing.entry import wiring
from licensing.entry.caller_context import to_context
from licensing.entry.observability import logger
from licensing.ports import NotSignedIn, Session


class Unauthorized(Exception):
    """API Gateway answers 401 when the text is this very word."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


def handler(event: Mapping[str, Any], _: object) -> dict[str, Any]:
    try:
        caller = _caller(event["authorizationToken"])
    except NotSignedIn as reason:
        logger.info("token refused", extra={"reason": str(reason)})
        raise Unauthorized from None
    return {
        "principalId": caller.subject,
        "policyDocument": _allow(event["methodArn"]),
        "context": to_context(caller),
    }


def _caller(header: str) -> Caller:
    scheme, _, text = header.strip().partition(" ")
    if scheme.lower() != "bearer":
        raise NotSignedIn("no bearer")
    fresh = TokenSecret.from_text(text.strip())
    return _client(fresh) if fresh else _person(wiring.id_tokens().session(text.strip()))


def _person(session: Session) -> Caller:
    # Both at once: that there are sign-outs costs no call.
    ref, out = AddressHolder.ref_of(session.email), SignOut.ref_of(session.subject)
    facts = wiring.store().get(ref, out)
    if (signed_out := facts[out]) and signed_out.revokes(session.since):
        raise NotSignedIn("signed out")

    def caller(person: Person | None) -> Caller:
        # Who else has, or had, the address is nobody this sign-in may be taken for.
        known = Caller(subject=session.subject, email=session.email)
        if person is None or person.subject != session.subject:
            return known
        return known.model_copy(update={"person_id": person.person_id, "grants": person.grants})

    return _granted(caller, _bound(holder.person_id) if (holder := facts[ref]) else None)


def _client(fresh: TokenSecret) -> Caller:
    """Whoever holds the API token. Its maker is looked up too: what that person lost, the token has lost."""
    token = wiring.store().one(ApiToken.ref_of(fresh.token_id))
    if token is None or not token.opens(fresh.secret, wiring.now()):
        raise NotSignedIn("no API token")
    return _granted(token.caller, _bound(token.made_by))


def _granted(caller: Callable[[Person | None], Caller], person: Person | None) -> Caller:
    """The caller by what the person holds; an operator's grant is withheld while it lacks its second factor (MFA)."""
    found = caller(person)
    operates = person is not None and any(grant.is_operator for grant in person.grants)
    # Asked of the pool, once a minute for each token: Cognito's ID tokens don't tell (`amr` is none of their claims).
    if person and operates and found.grants and wiring.SETTINGS.operators_need_mfa:
        known = wiring.directory().find_user(found.person)
        if not (known and known.has_mfa):
            without = caller(person.evolve(grants=tuple(grant for grant in person.grants if not grant.is_operator)))
            return without.model_copy(update={"needs_mfa": True})
    return found


def _bound(person_id: str) -> Person | None:
    """The person with its sign-in: where none was recorded yet, the one that the address has now."""
    person = wiring.store().one(Person.ref_of(person_id))
    if person is None or person.subject:
        return person
    address = wiring.store().one(PersonAddress.ref_of(person_id))
    known = wiring.directory().find_user(address.email) if address and address.email else None
    return person.evolve(subject=known.subject) if known else person


def _allow(method_arn: str) -> dict[str, Any]:
    """All calls of this API and stage: what a caller may do there depends on grants, and the answer is cached."""
    api, stage = method_arn.split("/")[:2]
    statement = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": f"{api}/{stage}/*"}
    return {"Version": "2012-10-17", "Statement": [statement]}
