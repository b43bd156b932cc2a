"""Sign out: everywhere, at the sign-in service and here."""

from licensing.domain.people.access import Caller
from licensing.domain.people.sign_outs import SignOut, sign_out
from licensing.domain.people.views import SignOutView
from licensing.ports import Directory, Store
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context, Outcome


def sign_out_person(store: Store, directory: Directory, context: Context, caller: Caller) -> Outcome[SignOutView]:
    """Refuses what the caller holds, and has the sign-in service refresh none of it."""
    ref = SignOut.ref_of(caller.subject)
    outcome = run_command(
        store,
        context,
        lambda reading: reading.one(ref),
        lambda known: sign_out(known, caller.subject, context.now),
    )
    if not context.dry_run:
        # Second: the record alone refuses what is in hand already, Cognito only refreshes no more.
        directory.sign_out(caller.subject)
    return outcome
