"""
# The records that were refused

With the action `list` the log shows dead letters, one JSON object a line: what was refused, by which job, and why
(docs/dead-letters.md explains each reason). `replay` sends them back to the job that refused them, each once: do it when the cause is
corrected. The next run of `weather_ingest` takes them in; what is still bad becomes a dead letter again, at the most five times.
A task that is skipped found none.

**Les enregistrements refusés : `list` les montre, une ligne JSON chacun, avec le motif ; `replay` les renvoie, la cause corrigée.**
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import DAG, Param, task

from senmeteo.docs import RED_TASKS
from senmeteo.factory import CLEAN, DEAD, DEFAULT_ARGS, RAW, job, watch

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
        "action": Param(
            "list",
            type="string",
            enum=["list", "replay"],
            title="Action (action)",
            description="list : les regarder ; replay : les renvoyer. — list: look at them; replay: send them back.",
        ),
        "reason": Param(
            "",
            type="string",
            enum=["", *REASONS],
            title="Motif (reason)",
            description="Seulement celles de ce motif ; vide : toutes. — Only those of this reason; empty: all.",
        ),
        "from": Param(
            None,
            type=["null", "string"],
            format="date",
            title="Écrites à partir du (from)",
            description="Seulement celles écrites ce jour ou après, UTC. — Only those written at this day or later, UTC.",
        ),
        "to": Param(
            None,
            type=["null", "string"],
            format="date",
            title="Écrites avant le (to)",
            description="Seulement celles écrites avant ce jour, UTC. — Only those written before this day, UTC.",
        ),
        "limit": Param(
            100,
            type="integer",
            minimum=1,
            maximum=100_000,
            title="Nombre maximal (limit)",
            description="Pas plus que cela. — This many at the most.",
        ),
    },
):

    @task(retries=0)
    def command(params: dict[str, Any]) -> list[str]:
        """Words the command that the parameters ask for."""
        words = ["dlq", params["action"], "--limit", str(params["limit"])]
        for name in ("reason", "from", "to"):
            words += [f"--{name}", params[name]] if params[name] else []
        return words + (["--skip-empty"] if params["action"] == "replay" else [])

    asked = command()
    letters = job("letters", asked, verb="dlq", inlets=[DEAD], outlets=[RAW, CLEAN])
    watch([asked, letters])
