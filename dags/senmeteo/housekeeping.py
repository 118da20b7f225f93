"""What `weather_housekeeping` does: to Airflow's database and log files, and which months of observations it lets go."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from pathlib import Path

# Tasks are not to use Airflow's database, so Airflow sets these to an address that is none. `airflow db clean` is a program of its own.
_BLOCKED = {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW__CORE__SQL_ALCHEMY_CONN"}
_ELSEWHERE = ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_SECRET")

# The folders of Airflow's logs that hold what is only ever read by people.
_LOGS = ("dag_id=*", "dag_processor", "manual")


# What is newer is compared with the topics: see KeptDays in jobs/pipeline/prune.go.
FEWEST_MONTHS = 3


def first_day(today: date, months: int) -> date:
    """The first day of the month that was `months` months ago: this day and all later ones stay."""
    if months < FEWEST_MONTHS:
        raise ValueError(f"{months} months are too few: at least {FEWEST_MONTHS} stay, or 0 for all")
    count = today.year * 12 + today.month - 1 - months
    return today.replace(year=count // 12, month=count % 12 + 1, day=1)


def clean_database(before: datetime) -> list[str]:
    """The command that deletes what Airflow's database holds of the time before; the last run of each DAG stays."""
    return [
        *("airflow", "db", "clean", "--clean-before-timestamp", before.isoformat(timespec="seconds")),
        *("--skip-archive", "--error-on-cleanup-failure", "--yes"),
    ]


def with_database(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a task, in which Airflow's programs find its database again."""
    if not any(environment.get(name) for name in _ELSEWHERE):
        raise LookupError(
            "this worker does not know Airflow's database by AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD: "
            "run `airflow db clean` where the scheduler runs, and set the days to 0 here"
        )
    return {name: value for name, value in environment.items() if name not in _BLOCKED}


def delete_logs(folder: Path, before: datetime) -> dict[str, int]:
    """Deletes the log files that were last written before a time, and the folders that are empty then."""
    files, size = 0, 0
    for root in (found for pattern in _LOGS for found in folder.glob(pattern) if found.is_dir() and not found.is_symlink()):
        for path, folders, names in os.walk(root, topdown=False):
            for name in names:
                file = os.path.join(path, name)
                status = os.lstat(file)
                if status.st_mtime < before.timestamp():
                    os.unlink(file)
                    files, size = files + 1, size + status.st_size
            # A task that has just begun may have made an empty folder, so only one that held something goes.
            if names or folders:
                with contextlib.suppress(OSError):  # it still holds something
                    os.rmdir(path)
    return {"files": files, "bytes": size}
