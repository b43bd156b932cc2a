"""`make reconcile`: proves on a stack's table that the promises hold; repairs nothing. Ends with 1 if one is broken."""

import sys
from datetime import UTC, datetime

from licensing.use_cases.reconciliation.reconcile import reconcile
from tools.operations.target import arguments, target


def main() -> None:
    chosen = target(arguments(__doc__).stack)
    findings = reconcile(chosen.store, datetime.now(UTC))
    for finding in findings:
        print(f"{finding.promise}: {finding.item}\n    {finding.detail}")
    print(f"{chosen.name}: {len(findings)} promises broken" if findings else f"{chosen.name}: every promise is kept")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
