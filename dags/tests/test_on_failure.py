"""What is told of a task that failed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from test_operator import FakeEngine

from senmeteo import factory, on_failure
from senmeteo.on_failure import HOOKS, log_failure, raise_incident
from senmeteo.operator import SenmeteoOperator
from senmeteo.settings import Settings


def context(**changes: Any) -> Any:
    ti = {
        "dag_id": "weather_ingest",
        "run_id": "run",
        "task_id": "stream",
        "map_index": -1,
        "try_number": 5,
        "log_url": "http://airflow/log",
    }
    exception = changes.pop("exception", ValueError("exit code 69:\n  Kafka does not answer"))
    return {"ti": SimpleNamespace(**(ti | changes)), "exception": exception}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "weather_ingest: stream failed at try 5 of run run: exit code 69: Kafka does not answer; log: http://airflow/log"),
        ({"task_id": "fetch", "map_index": 2}, "weather_ingest: fetch[2] failed at try 5 of run run: "),
        ({"map_index": None}, "weather_ingest: stream failed"),
        ({"exception": None}, "its process ended without a word"),
    ],
)
def test_by_default_a_failure_is_one_line_of_the_log(caplog: pytest.LogCaptureFixture, changes: dict[str, Any], says: str) -> None:
    log_failure(context(**changes))
    assert len(caplog.records) == 1
    line = caplog.records[0].getMessage()
    assert says in line
    assert "\n" not in line


def raised(monkeypatch: pytest.MonkeyPatch, settings: Settings, **changes: Any) -> list[SenmeteoOperator]:
    """The jobs that the hook runs."""
    ran: list[SenmeteoOperator] = []
    monkeypatch.setattr(factory, "SETTINGS", settings)
    monkeypatch.setattr(SenmeteoOperator, "execute", lambda self, _: ran.append(self))
    raise_incident(context(**changes) | {"run_id": "run"})
    return ran


def test_a_failure_opens_an_incident_of_its_dag(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(HOOKS) == [log_failure, raise_incident]
    (job,) = raised(monkeypatch, Settings(secrets=frozenset({"pg-url", "pg-reader-url"})), exception=ValueError("é" * 400))
    assert job.command[:4] == ["alerts", "raise", "dag", "weather_ingest"]
    assert job.command[4].startswith("weather_ingest is red: weather_ingest: stream failed at try 5 of run run: éé")
    assert on_failure.LONGEST - 1 <= len(job.command[4].encode()) <= on_failure.LONGEST
    assert job.environment["SENMETEO_PG_URL_FILE"] == "/run/secrets/pg-url"
    assert job.environment["AIRFLOW_CTX_DAG_ID"] == "weather_ingest"  # templates are filled in
    assert job.do_xcom_push is False  # the XCom stays that of the task that failed


def test_the_incident_is_opened_by_a_container_outside_of_a_task(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = FakeEngine(0, "")
    monkeypatch.setattr(factory, "SETTINGS", Settings())
    monkeypatch.setattr(SenmeteoOperator, "hook", SimpleNamespace(api_client=engine))
    raise_incident(context() | {"run_id": "run"})
    assert engine.created["command"][:4] == ["alerts", "raise", "dag", "weather_ingest"]
    assert engine.host_config["cap_drop"] == ["ALL"]
    assert engine.removed == ["new"]


def test_without_postgresql_a_failure_opens_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert raised(monkeypatch, Settings(stores=("hdfs",))) == []
