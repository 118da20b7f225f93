"""What weather_housekeeping deletes, and what it leaves alone."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from conftest import DAGS

from senmeteo import housekeeping

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime.now(UTC)


def write(path: Path, days: int) -> None:
    """Writes a file of ten bytes that was last written so many days ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("0123456789")
    at = (NOW - timedelta(days=days)).timestamp()
    os.utime(path, (at, at))


def test_old_logs_go_with_the_folders_that_held_them(tmp_path: Path) -> None:
    old = [
        "dag_id=a/run_id=1/task_id=t/attempt=1.log",
        "dag_id=a/run_id=2/task_id=t/attempt=1.log",
        "dag_processor/2026-01-01/dags-folder/a.py.log",
    ]
    kept = {"dag_id=a/run_id=2/task_id=t/attempt=2.log": 29, "dag_processor/2026-02-01/dags-folder/a.py.log": 1, "precious/old.log": 99}
    for name in old:
        write(tmp_path / name, 31)
    for name, days in kept.items():
        write(tmp_path / name, days)
    begun = tmp_path / "dag_id=a" / "run_id=3" / "task_id=t"
    begun.mkdir(parents=True)
    assert housekeeping.delete_logs(tmp_path, NOW - timedelta(days=30)) == {"files": 3, "bytes": 30}
    assert {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()} == set(kept)
    assert not (tmp_path / "dag_id=a" / "run_id=1").exists()
    assert begun.is_dir()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / "file.log", 99)
    (tmp_path / "logs" / "dag_processor").mkdir(parents=True)
    (tmp_path / "logs" / "dag_processor" / "latest").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "logs" / "dag_id=a").symlink_to(tmp_path / "elsewhere")
    housekeeping.delete_logs(tmp_path / "logs", NOW)
    assert (tmp_path / "elsewhere" / "file.log").exists()


def test_the_database_is_found_again_where_it_is_named_by_a_command() -> None:
    blocked = {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "airflow-db-not-allowed:///", "AIRFLOW__CORE__SQL_ALCHEMY_CONN": "no", "PATH": "/bin"}
    named = {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD": "cat url"}
    assert housekeeping.with_database(blocked | named) == {"PATH": "/bin"} | named
    with pytest.raises(LookupError, match="airflow db clean"):
        housekeeping.with_database(blocked)


def task(name: str) -> Any:
    bag = DagBag(dag_folder=str(DAGS / "weather_housekeeping.py"), safe_mode=False)
    return bag.dags["weather_housekeeping"].get_task(name).python_callable


@pytest.mark.parametrize(
    ("today", "months", "want"),
    [
        (date(2026, 11, 30), 3, date(2026, 8, 1)),
        (date(2026, 11, 30), 11, date(2025, 12, 1)),
        (date(2026, 1, 1), 12, date(2025, 1, 1)),
        (date(2026, 12, 31), 12, date(2025, 12, 1)),
    ],
)
def test_whole_months_stay(today: date, months: int, want: date) -> None:
    assert housekeeping.first_day(today, months) == want


def test_what_topics_still_hold_stays() -> None:
    for today in (date(2026, 1, 1) + timedelta(days=n) for n in range(366)):
        assert today - housekeeping.first_day(today, housekeeping.FEWEST_MONTHS) > timedelta(days=60)
    with pytest.raises(AirflowFailException, match="at least 3"):
        task("first_day")({"months": 2})


@pytest.mark.parametrize("name", ["airflow_database", "airflow_logs", "checkpoint_wanted", "first_day"])
def test_nothing_is_done_by_default(name: str) -> None:
    dag = DagBag(dag_folder=str(DAGS / "weather_housekeeping.py"), safe_mode=False).dags["weather_housekeeping"]
    defaults = {parameter: dag.params[parameter] for parameter in dag.params}
    with pytest.raises(AirflowSkipException):
        task(name)(defaults)


def test_a_worker_that_does_not_know_the_database_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD", raising=False)
    with pytest.raises(AirflowFailException, match="where the scheduler runs"):
        task("airflow_database")({"run_days": 30})
