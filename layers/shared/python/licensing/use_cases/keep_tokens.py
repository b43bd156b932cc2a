"""Make and revoke API tokens."""

from msgspec.structs import replace

from licensing.domain.access import Caller
from licensing.domain.api_tokens import ApiToken, MadeToken, Minted, TokenRequest, TokenView, make, revoke
from licensing.domain.errors import Fault, invalid
from licensing.ports import Store
from licensing.use_cases.path import Context, Outcome, run


def make_token(
    store: Store, context: Context, caller: Caller, request: TokenRequest, minted: Minted
) -> Outcome[MadeToken]:
    """The token, shown this once: no reply is kept of it, so an idempotency key is refused."""
    if context.reply_key:
        raise invalid(Fault("Idempotency-Key", "is not taken here: an answer with a secret in it is not kept"))
    outcome = run(store, context, lambda _: None, lambda _: make(request, caller, minted, context.now))
    return outcome if context.dry_run else replace(outcome, body=outcome.body | {"token": minted.to_text()})


def revoke_token(store: Store, context: Context, caller: Caller, token_id: str) -> Outcome[TokenView]:
    """The token as it was."""
    ref = ApiToken.named(token_id)
    return run(store, context, lambda reading: reading.get(ref)[ref], lambda token: revoke(token, caller))
