"""Times `convert` and `fetch file` of the same files by two builds, paired, and prints the ratio of their user times.

    python3 test/bench/convert.py OLD NEW [--rows 1000000] [--pairs 5] [--formats csv,jsonl,...]

OLD makes the files, so that both read what OLD can read. The runs alternate, and the ratio is that of the medians; the machine should
be quiet. Exit code 1 when a ratio is above 1.1.
"""

import argparse
import datetime
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

FORMATS = "csv,json,jsonl,xlsx,xml,yaml,parquet"


def user_seconds(command: list[str]) -> float:
    """Run a command and return the user time that it took."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(command)} ended with status {status}")
    return usage.ru_utime


def make(old: str, folder: pathlib.Path, rows: int, extension: str) -> pathlib.Path:
    """Make a file of a format with readings of the generator."""
    lines, path = folder / "rows.jsonl", folder / f"rows.{extension}"
    if not lines.exists():
        begin = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
        end = begin + datetime.timedelta(hours=rows // 14 + 1)
        window = ["--from", f"{begin:%Y-%m-%dT%H:%M:%SZ}", "--to", f"{end:%Y-%m-%dT%H:%M:%SZ}"]
        user_seconds([old, "fetch", "generate", *window, "--every", "1h", "--out", str(lines)])
    if path != lines:
        user_seconds([old, "convert", str(lines), str(path)])
    return path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--formats", default=FORMATS)
    args = parser.parse_args()
    slow = False
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for extension in args.formats.split(","):
            path = make(args.old, folder, args.rows, extension)
            out = str(folder / "out.jsonl")
            for verb in (["convert", str(path), out], ["fetch", "file", "--out", out, str(path)]):
                times: dict[str, list[float]] = {args.old: [], args.new: []}
                for pair in range(args.pairs):
                    for binary in (args.old, args.new) if pair % 2 else (args.new, args.old):
                        times[binary].append(user_seconds([binary, *verb]))
                old, new = (statistics.median(times[binary]) for binary in (args.old, args.new))
                slow = slow or new > 1.1 * old
                print(f"{extension:8} {verb[0]:8} old {old:6.2f} s  new {new:6.2f} s  ratio {new / old:.2f}", flush=True)
            if extension != "jsonl":
                path.unlink()
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
