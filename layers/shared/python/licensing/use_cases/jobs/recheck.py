"""Who asked for a job, by what they may do now: what somebody has lost meanwhile the job has lost too."""

from datetime import datetime

from licensing.domain.people.access import Caller, Person
from licensing.domain.people.api_tokens import ApiToken, covers
from licensing.ports import Store


def as_of_now(store: Store, asked: Caller, now: datetime) -> Caller:
    """The caller with those grants of the time of asking that are still held."""
    held = _token(store, asked, now) if asked.token else _person(store, asked)
    return asked.model_copy(update={"grants": tuple(grant for grant in asked.grants if covers(held.grants, grant))})


def _person(store: Store, asked: Caller) -> Caller:
    person = store.one(Person.ref_of(asked.person_id)) if asked.person_id else None
    return Caller(subject=asked.subject, grants=person.held_by(asked.subject) if person else ())


def _token(store: Store, asked: Caller, now: datetime) -> Caller:
    """A token that was revoked is no more, and may do nothing."""
    token = store.one(ApiToken.ref_of(asked.subject.removeprefix("token/")))
    if token is None or token.expires_at <= now:
        return Caller(subject=asked.subject)
    return token.caller(store.one(Person.ref_of(token.made_by)))
