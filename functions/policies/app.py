"""Stock is bound to devices whose coverage ends soon, owner by owner, as the organizations' policies say (D41)."""

from licensing.entry import wiring
from licensing.entry.rounds import Owners, each_owner
from licensing.entry.worker import worker
from licensing.use_cases.core.context import Context
from licensing.use_cases.planning.keep_policy import carry_out_policy


def handle(body: str, context: Context) -> None:
    def do(name: str) -> None:
        now = Context(context.actor, wiring.now())
        carry_out_policy(wiring.store(), now, name.removeprefix("org/"))

    each_owner("policies", Owners.model_validate_json(body), context, do)


handler = worker("policies", handle)
