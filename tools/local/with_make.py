"""Being stopped through make.

Ctrl-C reaches make and us alike, and make hands a SIGTERM on; but a SIGINT sent to make alone it keeps for itself, and
waits for us. It shows all the same: make no longer catches what it has caught once.
"""

import os
import signal
import threading
import time
from pathlib import Path

CHECK_SECONDS = 0.5


def pass_on_interrupts() -> None:
    """Interrupt this process when the make that runs it was interrupted, or is gone."""
    make = os.getppid()
    if runs_make(make) and catches_interrupts(make):
        threading.Thread(target=watch, args=(make,), daemon=True).start()


def watch(make: int) -> None:
    while os.getppid() == make and catches_interrupts(make):
        time.sleep(CHECK_SECONDS)
    os.kill(os.getpid(), signal.SIGINT)


def runs_make(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/comm").read_text().strip() in ("make", "gmake")
    except OSError:
        return False  # no Linux: make handles Ctrl-C, and SIGTERM


def catches_interrupts(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return False
    caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught, 16) >> (signal.SIGINT - 1) & 1)
