"""MiniStack, which by itself saves its state only when it is asked to leave: here every minute too.

Run by the interpreter of MiniStack's own environment, as a file: it can import nothing of ours.
"""

import asyncio
import os
from typing import Any

from ministack import app as ministack
from ministack.core.persistence import PERSIST_STATE, save_all

SAVE_SECONDS = float(os.environ.get("SAVE_SECONDS", "60"))
serve = ministack.app
saving: set[asyncio.Task[None]] = set()  # a loop forgets tasks that nobody holds


async def save_again_and_again() -> None:
    """On the loop that answers requests, so that no request is half done in what is saved."""
    while True:
        await asyncio.sleep(SAVE_SECONDS)
        save_all(ministack._build_persistence_save_dict())


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan" and PERSIST_STATE:
        saving.add(asyncio.create_task(save_again_and_again()))
    await serve(scope, receive, send)


if __name__ == "__main__":
    ministack.app = app
    ministack.main()
