"""
# The quality of the day so far

Runs whenever all stores have been loaded, by whatever DAG: it waits for the stores and not for the clock. The XCom of `quality` reports
how good the observations of today are, region by region: how many are good, suspect, bad and corrected, and which rules failed
(docs/quality-control.md). `weather_daily` does the same for the whole of yesterday.

**La qualité de la journée en cours, chaque fois que tous les dépôts ont été alimentés.**
"""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow.sdk import DAG, AssetAll

from senmeteo.docs import RED_TASKS
from senmeteo.factory import DATABASE, DEFAULT_ARGS, SETTINGS, STORES, TODAY, job, watch

with DAG(
    dag_id="weather_quality",
    dag_display_name="Weather: quality",
    description="quality of the day so far, after each load",
    doc_md=__doc__ + RED_TASKS,
    schedule=AssetAll(*(of.asset for store, of in STORES.items() if store in SETTINGS.stores)),
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=1),
    default_args=DEFAULT_ARGS,
    tags=["senmeteo", "weather"],
):
    quality = job("quality", ["quality", "--json", "--day", TODAY], inlets=[DATABASE])
    watch([quality])
