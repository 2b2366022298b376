"""All benchmarks, one after another: `python -m benchmarks [--quick] [--only NAME]`.

Each is a process of its own. What each aims at and what it measured stands in a table at the end, and as JSON in
`benchmarks/out/`. Exit code 1 when an aim was missed, which with --quick means little: small books hide what grows.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from benchmarks.targets import read_targets

OUT = Path(__file__).with_name("out")
QUICK = {
    "xlsx": ("--rows", "2000"),
    "cycle": ("--quick",),
    "validation": ("--rows", "2000"),
    "duplicates": ("--rows", "5000"),
    "duplicates_kept": ("--rows", "5000"),
    "views": ("--rows", "2000"),
    "google": ("--interleavings", "200"),
    "mail": ("--mails", "400"),
    "summaries": ("--deals", "4000", "--follow-ups", "12000", "--times", "1"),
    "insights": ("--deals", "4000", "--times", "1"),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small books: a minute or two instead of half an hour")
    parser.add_argument("--only", choices=sorted(QUICK), help="one benchmark")
    options = parser.parse_args()
    failed = False
    lines: list[str] = []
    for name in [options.only] if options.only else QUICK:
        file = OUT / f"{name}.json"
        file.unlink(missing_ok=True)
        command = [sys.executable, "-m", f"benchmarks.{name}", "--json", str(file)]
        print(f"== {name}", flush=True)
        done = subprocess.run([*command, *(QUICK[name] if options.quick else ())], check=False)
        targets = read_targets(file) if file.exists() else []
        failed |= done.returncode != 0 or not targets or not all(target.met for target in targets)
        lines += [f"{name:15} {target}" for target in targets] or [f"{name:15} ended with {done.returncode}"]
    print("\n== all", *lines, sep="\n")
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
