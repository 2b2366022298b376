"""One thread for what is fitted: threads of the linear algebra mostly wait for one another on arrays as small as ours,
and took four times the computing time of one."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

THREADED = ("numpy", "scipy.linalg", "sklearn.cluster", "sklearn.linear_model")
"""Modules whose import loads a library that makes threads."""


@contextmanager
def one_thread() -> Iterator[None]:
    """Holds the libraries that are loaded by now to one thread: import them before."""
    try:
        controller = _controller(tuple(name for name in THREADED if name in sys.modules))
    except ImportError:  # it comes with scikit-learn, which only some methods need
        yield
        return
    with controller.limit(limits=1):
        yield


@cache
def _controller(loaded: tuple[str, ...]) -> "ThreadpoolController":
    """Of the libraries that these modules brought; to look for them takes reading them whole."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
