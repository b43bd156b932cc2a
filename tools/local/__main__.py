"""`make run`: the whole cloud on this machine, until Ctrl-C."""

import argparse
import signal
import subprocess
import sys
import time
from pathlib import Path

from tools.local.cloud import local_cloud
from tools.local.ministack import MiniStack, StackError
from tools.local.with_make import pass_on_interrupts
from tools.paths import ROOT

LOOK_SECONDS = 0.1


class Stopped(Exception):
    """Somebody asked for the end."""


def stop(*_: object) -> None:
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)  # the first one ends all in order: a second must not cut that short
    raise Stopped


def port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give one from 1 to 65535, or 0 for a free one")
    return int(text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=port, default=0, help="of the API and of AWS; 0 for the last one or a free one")
    parser.add_argument("--state", type=Path, default=ROOT / ".local")
    options = parser.parse_args()
    begun = time.monotonic()

    def say(line: str) -> None:
        print(f"{time.monotonic() - begun:5.1f} s  {line}", flush=True)

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)
    pass_on_interrupts()
    state = options.state.resolve()
    try:
        with local_cloud(state, options.port, say=say) as cloud:
            settle(cloud, state, begun)
            cloud.watch()
    except Stopped:
        say("stopped")
    except StackError as error:
        sys.exit(f"\n{error}")


def settle(cloud: MiniStack, state: Path, begun: float) -> None:
    """Deploy and welcome in a process of its own, which takes what it needed for that away with it."""
    command = [sys.executable, "-m", "tools.local.welcome", cloud.endpoint, str(state), str(begun)]
    # A session of its own: Ctrl-C is for us.
    with subprocess.Popen(command, cwd=ROOT, start_new_session=True) as process:
        try:
            while process.poll() is None:
                cloud.watch(LOOK_SECONDS)
            if process.returncode:
                raise StackError("the stack is not up")
        except BaseException:
            process.kill()
            raise


if __name__ == "__main__":
    main()
