"""`make recount`: makes the digests of organizations and the summaries of orders anew."""

from datetime import UTC, datetime

from licensing.use_cases.reconciliation.recount import recount
from tools.operations.target import arguments, target


def main() -> None:
    chosen = target(arguments(__doc__).stack)
    print(f"{chosen.name}: {recount(chosen.store, datetime.now(UTC))} organizations and orders counted anew")


if __name__ == "__main__":
    main()
