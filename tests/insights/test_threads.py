"""What is fitted is fitted by one thread, and whoever computes beside it has theirs again afterwards."""

import pytest

from crm_sheets.insights.threads import one_thread


def test_one_thread_and_afterwards_as_many_as_before() -> None:
    pytest.importorskip("scipy.linalg")
    threadpoolctl = pytest.importorskip("threadpoolctl")

    def threads() -> list[int]:
        return [each["num_threads"] for each in threadpoolctl.threadpool_info()]

    for before in (threads(), threads()):
        with one_thread():
            assert set(threads()) == {1}
        assert threads() == before
    with one_thread():
        pytest.importorskip("sklearn.cluster")
    with one_thread():
        assert set(threads()) == {1}, "a library that came meanwhile is held too"
