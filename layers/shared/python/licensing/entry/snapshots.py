"""SnapStart (docs/operations.md): a function starts from a snapshot of a process that has been started already."""

import os
import random
from collections.abc import Callable


def register(make: Callable[[], object]) -> None:
    """Where snapshots are taken, `make` is called before one; elsewhere it stays for whoever needs it first.

    `make` may load and build, and must not call anybody: so no snapshot holds a connection, a session or an answer.
    """
    if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") != "snap-start":
        return
    # Lambda's own, and nowhere else.
    from snapshot_restore_py import (  # type: ignore[import-not-found]
        register_after_restore,
        register_before_snapshot,
    )

    register_before_snapshot(make)
    # Else all processes of one snapshot wait equally long before the next try. (`secrets` asks the system each time.)
    register_after_restore(random.seed)
