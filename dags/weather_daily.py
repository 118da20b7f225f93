"""
# Once a day: tidy up and prove

`compact` makes one sorted file of each closed day of the lake, with the last revisions. `reconcile` compares all that the clean topic
keeps, up to midnight, with the stores. `day` announces that yesterday is over, for which `weather_forecast` waits.

**Une fois par jour : un fichier par jour clos dans HDFS, et la preuve que les dépôts s'accordent.**
"""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow.sdk import DAG, CronDataIntervalTimetable, TriggerRule, task

from senmeteo.docs import RED_TASKS
from senmeteo.factory import CLEAN, DATABASE, DAY, DEAD, DEFAULT_ARGS, INDICES, LAKE, NEWEST, RAW, TODAY, days_from_today, job, watch

with DAG(
    dag_id="weather_daily",
    dag_display_name="Weather: daily",
    description="compaction, full reconciliation",
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

    @task(outlets=[DAY])
    def day() -> None:
        """Announces that yesterday is over, whatever becomes of the other tasks."""

    compact >> reconcile
    watch([compact, reconcile, day()])
