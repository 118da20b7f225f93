"""
# Forecasts, once a day

Runs when a day is over and all stores have been loaded since the last forecasts. `forecast` issues those of the next days and hours from
what PostgreSQL holds, which the next run of `weather_ingest` stores; it is skipped where nothing was measured. Repeated for the same day
it adds nothing, or one revision of what has changed. The XCom of `verify` holds the scores of those of the last month (docs/forecasts.md).

**Une fois par jour, dès que tous les dépôts ont été alimentés : les prévisions, et leurs scores du mois écoulé.**
"""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow.sdk import DAG, AssetAll

from senmeteo.docs import RED_TASKS
from senmeteo.factory import DATABASE, DAY, DEFAULT_ARGS, TODAY, UNTIL, filled, job, watch

with DAG(
    dag_id="weather_forecast",
    dag_display_name="Weather: forecast",
    description="forecasts of the next days, scores of the last month",
    doc_md=__doc__ + RED_TASKS,
    schedule=AssetAll(DAY, *filled()),
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=2),
    default_args=DEFAULT_ARGS,
    tags=["senmeteo", "weather"],
):
    # Its forecasts go back to RAW: as an outlet that would bend the lineage into a circle.
    forecast = job("forecast", ["forecast", "--skip-empty", "--issued-at", UNTIL], inlets=[DATABASE])
    verify = job("verify", ["verify", "--json", "--to", TODAY], inlets=[DATABASE])
    watch([forecast, verify])
