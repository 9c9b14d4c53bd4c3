"""Asynchronous work of libraries, done in a plain call."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def waited(work: Coroutine[Any, Any, None]) -> None:
    """Run something asynchronous to its end, in a notebook too.

    Raises:
        Exception: whatever the work raises.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(work)
        return
    with ThreadPoolExecutor(1) as other:
        other.submit(asyncio.run, work).result()
