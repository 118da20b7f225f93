"""
# The past of a source

Fetches the readings of a source from the day `from` up to, and not with, the day `to`, in windows that run side by side. It only
fetches: the next run of `weather_ingest` stores what came. Running it twice is safe: what is known already is a duplicate.

**Le passé d'une source : seulement la collecte ; le prochain `weather_ingest` contrôle et stocke.**
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import DAG, Param, task
from airflow.sdk.exceptions import AirflowFailException

from senmeteo.docs import RED_TASKS
from senmeteo.factory import DEFAULT_ARGS, RAW, mapped_job, watch
from senmeteo.sources import PAST, past

with DAG(
    dag_id="weather_backfill",
    dag_display_name="Weather: backfill",
    description="the past of a source, in windows",
    doc_md=__doc__ + RED_TASKS,
    schedule=None,
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(days=1),
    default_args=DEFAULT_ARGS,
    tags=["senmeteo", "weather", "by hand"],
    params={
        "source": Param(
            "open-meteo",
            type="string",
            enum=list(PAST),
            title="Source (source)",
            description="D'où viennent les relevés. — Where the readings come from.",
        ),
        "from": Param(
            "2026-01-01",
            type="string",
            format="date",
            title="Premier jour (from)",
            description="Premier jour demandé, UTC. — First day, UTC.",
        ),
        "to": Param(
            "2026-02-01",
            type="string",
            format="date",
            title="Jour de fin, exclu (to)",
            description="Premier jour qui n'est plus demandé. — First day that is not fetched any more.",
        ),
        "stations": Param(
            "all",
            type="string",
            pattern=r"^[^-].*$",
            title="Stations (stations)",
            description="Identifiants ou noms de régions, séparés par des virgules ; all : toutes. "
            "— Ids or region names, comma-separated; all: every one.",
        ),
    },
):

    @task(retries=0)
    def windows(params: dict[str, Any]) -> list[list[str]]:
        """Cuts the time asked for into windows, one command each."""
        try:
            return past(params["source"], params["from"], params["to"], params["stations"])
        except ValueError as wrong:
            raise AirflowFailException(str(wrong)) from wrong

    commands = windows()
    fetch = mapped_job("fetch", "fetch", commands, outlets=[RAW], map_index_template="{{ task.command[3][:10] }}")
    watch([commands, fetch])
