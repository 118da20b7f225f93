"""
# Once a day: tidy up, prove, forecast

`compact` makes one sorted file of each closed day of the lake, with the last revisions. `reconcile` compares all that the clean topic
keeps, up to midnight, with the stores. The XCom of `quality` reports how good the observations of yesterday were, region by region: how
many are good, suspect, bad and corrected, and which rules failed (docs/quality-control.md). `forecast` issues the forecasts of the next
days and hours from what PostgreSQL holds, which the next run of `weather_ingest` stores; it is skipped where nothing was measured. The
XCom of `verify` holds the scores of those of the last month (docs/forecasts.md).

**Une fois par jour : un fichier par jour clos dans HDFS, la preuve que les dépôts s'accordent, la qualité de la veille, les prévisions et
leurs scores du mois écoulé.**
"""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow.sdk import DAG, CronDataIntervalTimetable, TriggerRule

from senmeteo.docs import RED_TASKS
from senmeteo.factory import CLEAN, DATABASE, DEAD, DEFAULT_ARGS, INDICES, LAKE, NEWEST, RAW, TODAY, UNTIL, days_from_today, job, watch

with DAG(
    dag_id="weather_daily",
    dag_display_name="Weather: daily",
    description="compaction, full reconciliation, quality of the day, forecasts",
    doc_md=__doc__ + RED_TASKS,
    schedule=CronDataIntervalTimetable("5 1 * * *", timezone="UTC"),
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=6),
    default_args=DEFAULT_ARGS,
    tags=["senmeteo", "weather"],
):
    compact = job("compact", ["to-hdfs", "--compact", "--before", days_from_today(-1)], inlets=[LAKE], outlets=[LAKE])
    reconcile = job(
        "reconcile",
        ["reconcile", "--json", "--to", TODAY],
        trigger_rule=TriggerRule.ALL_DONE,
        inlets=[RAW, CLEAN, DEAD, LAKE, INDICES, DATABASE, NEWEST],
    )
    quality = job("quality", ["quality", "--json", "--day", days_from_today(-1)], inlets=[DATABASE])
    forecast = job("forecast", ["forecast", "--skip-empty", "--issued-at", UNTIL], inlets=[DATABASE], outlets=[RAW])
    verify = job("verify", ["verify", "--json"], inlets=[DATABASE])
    compact >> reconcile
    watch([compact, reconcile, quality, forecast, verify])
