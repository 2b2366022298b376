"""The process that reads a stranger's file: `python -m crm_sheets.sync.backends.xlsx.untrusted_child` < task."""

import json
import sys
from pathlib import Path

from crm_sheets.errors import WorkbookUnreadable
from crm_sheets.sync.backends.xlsx.container import Limits
from crm_sheets.sync.backends.xlsx.plain import to_plain
from crm_sheets.sync.backends.xlsx.reader import read_workbook


def main() -> int:
    """Read the workbook that the task on standard input names: 0 and an answer file, or 1 and a reason printed."""
    task = json.load(sys.stdin)
    bound(int(task["memory"]), float(task["seconds"]))
    try:
        snapshot = read_workbook(Path(task["path"]), limits=Limits(*task["limits"]))
        Path(task["answer"]).write_text(json.dumps(to_plain(snapshot), ensure_ascii=False), encoding="utf-8")
    except WorkbookUnreadable as error:
        json.dump({"reason": error.reason, "message": str(error)}, sys.stdout)
        return 1
    except MemoryError:
        json.dump({"reason": "memory", "message": f"{task['path']}: reading it needs too much memory"}, sys.stdout)
        return 1
    return 0


def bound(memory: int, seconds: float) -> None:
    """Bounds address space and processor time, where the platform can."""
    try:
        import resource
    except ImportError:  # Windows: the parent's time-out and the limits of the container remain
        return
    for kind, amount in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, int(seconds) + 1)):
        hard = resource.getrlimit(kind)[1]
        bound = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
        resource.setrlimit(kind, (bound, hard))


if __name__ == "__main__":
    sys.exit(main())
