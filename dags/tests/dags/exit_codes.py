"""One container per exit code: what becomes of each is the test's business."""

from __future__ import annotations

from datetime import datetime

from airflow.sdk import DAG

from senmeteo.factory import DEFAULT_ARGS, job

YEARS = ["--from", "2000-01-01", "--to", "2026-01-01"]
DAY = ["--from", "2026-01-01", "--to", "2026-01-02"]
COMMANDS = {
    0: ["fetch", "generate", "--dry-run", *DAY, "--every", "12h"],
    1: ["status", "--json", "--max-age", "1ns"],
    64: ["stream", "--until", "never"],
    65: ["fetch", "file", "/etc/passwd", "--format", "xlsx", "--dry-run"],
    66: ["fetch", "file", "/absent.csv", "--dry-run"],
    69: ["status", "--pg-url", "postgres://nobody@127.0.0.1:1/nothing?sslmode=disable"],
    73: ["fetch", "generate", *DAY, "--out", "/read-only.csv"],
    75: ["fetch", "generate", *YEARS, "--out", "/tmp/weather.csv", "--timeout", "5ms"],
    99: ["fetch", "generate", "--dry-run", "--skip-empty", "--from", "2026-01-01", "--to", "2026-01-01"],
}

with DAG(dag_id="exit_codes", schedule=None, start_date=datetime(2026, 1, 1), catchup=False, default_args=DEFAULT_ARGS | {"retries": 1}):
    for code, command in COMMANDS.items():
        job(f"code_{code}", command)
