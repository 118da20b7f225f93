"""What is told of a task that failed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from senmeteo.on_failure import HOOKS


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
    for hook in HOOKS:
        hook(context(**changes))
    assert len(caplog.records) == 1
    line = caplog.records[0].getMessage()
    assert says in line
    assert "\n" not in line
