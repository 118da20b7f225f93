"""
# The quality of yesterday and of the day so far

Runs whenever all stores have been loaded, by whatever DAG: it waits for the stores and not for the clock. The XCom of `quality` reports
how good the observations of today are, region by region: how many are good, suspect, bad and corrected, and which rules failed
(docs/quality-control.md). That of `quality_of_yesterday` does so for the whole of yesterday, of which some come late.

**La qualité de la veille et de la journée en cours, chaque fois que tous les dépôts ont été alimentés.**
"""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow.sdk import DAG, AssetAll

from senmeteo.docs import RED_TASKS
from senmeteo.factory import DATABASE, DEFAULT_ARGS, TODAY, days_from_today, filled, job, watch

with DAG(
    dag_id="weather_quality",
    dag_display_name="Weather: quality",
    description="quality of yesterday and of the day so far, after each load",
    doc_md=__doc__ + RED_TASKS,
    schedule=AssetAll(*filled()),
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=1),
    default_args=DEFAULT_ARGS,
    tags=["senmeteo", "weather"],
):
    quality = job("quality", ["quality", "--json", "--day", TODAY], inlets=[DATABASE])
    yesterday = job("quality_of_yesterday", ["quality", "--json", "--day", days_from_today(-1)], inlets=[DATABASE])
    watch([quality, yesterday])
