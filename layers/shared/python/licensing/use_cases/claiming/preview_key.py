"""Preview a key: anyone signed in who holds it may (D9)."""

from licensing.domain.claiming.failed_lookups import FailedLookups
from licensing.domain.claiming.key_entry import enter, wanted
from licensing.domain.claiming.previews import preview
from licensing.domain.claiming.requests import PreviewRequest
from licensing.domain.claiming.views import PreviewView
from licensing.domain.core.decisions import Decision
from licensing.domain.core.records import RecordSet
from licensing.ports import Store
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context, Outcome


def preview_key(store: Store, context: Context, subject: str, request: PreviewRequest) -> Outcome[PreviewView]:
    """Two calls: the key with the caller's count of failed look-ups, and that count again, unchanged or grown."""
    (entered,) = enter([request.license_key], "license_key")
    counter = FailedLookups.ref_of(f"caller/{subject}")

    def decide(facts: RecordSet) -> Decision[PreviewView]:
        key = facts[entered.ref] if entered.ref else None
        return preview(entered, key, facts[counter] or FailedLookups(guesser=counter.ids[0]), context.now)

    return run_command(store, context, lambda reading: reading.get(counter, *wanted([entered])), decide)
