"""`make run`: the whole cloud on this machine, until Ctrl-C."""

import argparse
import signal
import sys
import time
from pathlib import Path

from local.ministack import ROOT, StackError
from local.stack import running_stack
from local.welcome import welcome
from local.with_make import pass_on_interrupts


class Stopped(Exception):
    """Somebody asked for the end."""


def stop(*_: object) -> None:
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)  # the first one ends all in order: a second must not cut that short
    raise Stopped


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="of the API and of AWS; 0 for the last one or a free one")
    parser.add_argument("--state", type=Path, default=ROOT / ".local")
    options = parser.parse_args()
    begun = time.monotonic()

    def say(line: str) -> None:
        print(f"{time.monotonic() - begun:5.1f} s  {line}", flush=True)

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)
    pass_on_interrupts()
    try:
        with running_stack(options.state, options.port, say=say) as stack:
            welcome(stack, options.state, say)
            while True:
                signal.pause()
    except Stopped:
        say("stopped")
    except StackError as error:
        sys.exit(f"\n{error}")


if __name__ == "__main__":
    main()
