"""Times `convert` and `fetch file --out` of the same files by two builds, paired, and prints a table of their CPU times and peak memory.

    python3 test/bench/convert.py OLD NEW [--rows 1000000] [--rounds 3] [--formats csv,foreign.csv,...] [--verbs convert,fetch]

OLD makes the files, so that both read what OLD can read: readings of the generator in each format, and tables of another producer,
with other names and units ("foreign"). The builds take turns. Seconds are user and system time, the median of the rounds; memory is the
largest resident set of the rounds, with the pages of the program itself, of which both have about 25 MB. Exit code 1 when a ratio of
seconds is above 1.1.
"""

import argparse
import csv
import datetime
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

FILES = "csv,json,jsonl,xlsx,xml,yaml,parquet,foreign.csv,foreign.jsonl"


def run(command: list[str]) -> tuple[float, float]:
    """Run a command and return its CPU time in seconds and its largest resident set in MB."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(command)} ended with status {status}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def make(old: str, folder: pathlib.Path, rows: int, name: str) -> pathlib.Path:
    """Make a file of readings of the generator."""
    lines, path = folder / "rows.jsonl", folder / f"rows.{name}"
    if not lines.exists():
        begin = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
        end = begin + datetime.timedelta(minutes=10 * -(-rows // 14))
        window = ["--from", f"{begin:%Y-%m-%dT%H:%M:%SZ}", "--to", f"{end:%Y-%m-%dT%H:%M:%SZ}"]
        run([old, "fetch", "generate", *window, "--every", "10m", "--out", str(lines)])
    if name.startswith("foreign."):
        make_foreign(lines, path)
    elif path != lines:
        run([old, "convert", str(lines), str(path)])
    return path


def make_foreign(lines: pathlib.Path, path: pathlib.Path) -> None:
    """Write readings as another producer has them: its names, a time without T and Z, wind in km/h."""
    with lines.open() as source, path.open("w", newline="") as target:
        table = csv.writer(target)
        for i, line in enumerate(source):
            reading = json.loads(line)
            record = {
                "station": reading["region"],
                "time": reading["observed_at"].replace("T", " ")[:16],
                "air_temperature": reading.get("temperature_c"),
                "relative_humidity": reading.get("humidity_pct"),
                "pressure_hpa": reading.get("pressure_hpa"),
                "wind_speed_kmh": round(3.6 * reading.get("wind_speed_ms", 0), 1),
                "wind_direction": reading.get("wind_direction_deg"),
                "precipitation_mm": reading.get("rain_mm"),
            }
            if path.suffix == ".jsonl":
                target.write(json.dumps(record, ensure_ascii=False) + "\n")
                continue
            if i == 0:
                table.writerow(record)
            table.writerow(record.values())


def compare(old: str, new: str, command: list[str], rounds: int) -> tuple[list[float], list[float]]:
    """Return the seconds and the megabytes of a command by the old and the new build."""
    taken: dict[str, list[tuple[float, float]]] = {old: [], new: []}
    for i in range(rounds):
        for binary in (old, new) if i % 2 else (new, old):
            taken[binary].append(run([binary, *command]))
    seconds = [statistics.median(s for s, _ in taken[binary]) for binary in (old, new)]
    return seconds, [max(mb for _, mb in taken[binary]) for binary in (old, new)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--formats", default=FILES)
    parser.add_argument("--verbs", default="convert,fetch")
    args = parser.parse_args()
    slow = False
    print("| file | rows | verb | old s | new s | ratio | old MB | new MB |\n|---|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        # Copies are alike in how much of them the system keeps in memory.
        old, new = (str(shutil.copy(binary, folder / label)) for binary, label in ((args.old, "old"), (args.new, "new")))
        out = str(folder / "out.jsonl")
        for kind in args.formats.split(","):
            path = make(old, folder, args.rows, kind)
            verbs = {"convert": ["convert", str(path), out], "fetch": ["fetch", "file", "--out", out, str(path)]}
            for verb in args.verbs.split(","):
                seconds, memory = compare(old, new, verbs[verb], args.rounds)
                slow = slow or seconds[1] > 1.1 * seconds[0]
                figures = f"{seconds[0]:.2f} | {seconds[1]:.2f} | {seconds[1] / seconds[0]:.2f} | {memory[0]:.0f} | {memory[1]:.0f}"
                print(f"| {kind} | {args.rows:,} | {verb} | {figures} |", flush=True)
            if kind != "jsonl":
                path.unlink()
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
