"""
# The records that were refused

With the action `list` the log shows dead letters, one JSON object a line: what was refused, by which job, and why
(docs/dead-letters.md explains each reason).

**Les enregistrements refusés : `list` les montre, une ligne JSON chacun, avec le motif.**
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import DAG, Param, task

from senmeteo.docs import RED_TASKS
from senmeteo.factory import DEAD, DEFAULT_ARGS, job, watch

REASONS = [
    "invalid_json", "too_large", "unknown_shape", "unsupported_schema", "unknown_station", "invalid_time",
    "future", "invalid_value", "invalid_field", "no_values", "not_clean", "store_refused",
]  # fmt: skip

with DAG(
    dag_id="weather_dead_letters",
    dag_display_name="Weather: dead letters",
    description="look at what was refused, or send it back",
    doc_md=__doc__ + RED_TASKS,
    schedule=None,
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=2),
    default_args=DEFAULT_ARGS,
    tags=["senmeteo", "weather", "by hand"],
    params={
        "action": Param("list", type="string", enum=["list"], description="look at them"),
        "reason": Param("", type="string", enum=["", *REASONS], description="only those of this reason; empty: all"),
        "limit": Param(100, type="integer", minimum=1, maximum=100_000, description="this many at the most"),
    },
):

    @task(retries=0)
    def command(params: dict[str, Any]) -> list[str]:
        """Words the command that the parameters ask for."""
        words = ["dlq", params["action"], "--limit", str(params["limit"])]
        return [*words, "--reason", params["reason"]] if params["reason"] else words

    asked = command()
    letters = job("letters", asked, verb="dlq", inlets=[DEAD])
    watch([asked, letters])
