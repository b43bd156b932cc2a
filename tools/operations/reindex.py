"""`make reindex`: writes anew what an earlier release wrote in another shape, or with other index attributes."""

from licensing.use_cases.reconciliation.reindex import reindex
from tools.operations.target import arguments, target


def main() -> None:
    chosen = target(arguments(__doc__).stack)
    print(f"{chosen.name}: {reindex(chosen.store)} items written anew")


if __name__ == "__main__":
    main()
