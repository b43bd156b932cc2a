"""Make and revoke API tokens."""

from msgspec.structs import replace

from licensing.domain.core.errors import Fault, invalid
from licensing.domain.people.access import Caller, Person
from licensing.domain.people.addresses import PersonAddress
from licensing.domain.people.api_tokens import ActiveTokens, ApiToken, TokenSecret
from licensing.domain.people.requests import TokenRequest
from licensing.domain.people.token_issue import make, maker_of, revoke
from licensing.domain.people.views import MadeTokenView, TokenView
from licensing.ports import Store
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context, Outcome
from licensing.use_cases.core.reading import Reading


def make_token(
    store: Store, context: Context, caller: Caller, request: TokenRequest, fresh: TokenSecret
) -> Outcome[MadeTokenView]:
    """The token, shown this once: no reply is kept of it, so an idempotency key is refused."""
    if context.idempotency_key:
        raise invalid(Fault("Idempotency-Key", "is not taken here: an answer with a secret in it is not kept"))
    # The list of active tokens is written with each new one, so that tokens made at once can't pass the bound together.
    person, active = Person.ref_of(maker_of(caller)), ActiveTokens.ref_of(maker_of(caller))
    outcome = run_command(
        store,
        context,
        lambda reading: reading.get(person, active),
        lambda facts: make(request, caller, facts[person], facts[active], fresh, context.now),
    )
    # Into the answer alone: what is decided goes into ledgers.
    return outcome if context.dry_run else replace(outcome, body=outcome.body | {"token": fresh.to_text()})


def revoke_token(store: Store, context: Context, caller: Caller, token_id: str) -> Outcome[TokenView]:
    """The token as it was."""

    def load(reading: Reading) -> tuple[ApiToken | None, ActiveTokens | None, PersonAddress | None]:
        token = reading.one(ApiToken.ref_of(token_id))
        if token is None:
            return None, None, None
        active, maker = ActiveTokens.ref_of(token.made_by), PersonAddress.ref_of(token.made_by)
        facts = reading.get(active, maker)
        return token, facts[active], facts[maker]

    return run_command(store, context, load, lambda known: revoke(*known, caller))
