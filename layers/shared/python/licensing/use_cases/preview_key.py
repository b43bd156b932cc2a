"""Preview a key: anyone signed in who holds it may (D9)."""

from licensing.domain.decisions import Decision
from licensing.domain.entered_keys import enter, wanted
from licensing.domain.guesses import Guesses
from licensing.domain.previews import KeyPreview, PreviewRequest, preview
from licensing.domain.records import Facts
from licensing.ports import Store
from licensing.use_cases.path import Context, Outcome, run


def preview_key(store: Store, context: Context, subject: str, request: PreviewRequest) -> Outcome[KeyPreview]:
    """Two calls: the key with the caller's count of guesses, and that count again, unchanged or grown."""
    (entered,) = enter([request.license_key], "license_key")
    counter = Guesses.named(f"caller/{subject}")

    def decide(facts: Facts) -> Decision[KeyPreview]:
        key = facts[entered.ref] if entered.ref else None
        return preview(entered, key, facts[counter] or Guesses(guesser=counter.ids[0]), context.now)

    return run(store, context, lambda reading: reading.get(counter, *wanted([entered])), decide)
