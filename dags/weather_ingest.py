"""
# Weather into all stores, every ten minutes

`fetch` brings in readings, one task per source, side by side; a source that is not due is skipped. `stream` checks, cleans and
de-duplicates them. `review` compares each with those around it; its verdicts become revisions in the next run. `to-hdfs`, `to-es` and
`to-pg` store them, each observation once, and `to-redis` the newest of each station and source. `reconcile` proves that all of them
agree for yesterday and today, and `status` that no region is late. `gaps` reports what is missing of yesterday and today; it is red only
when more than `max_missing` percent are. `alerts` opens and closes incidents, and sends them where there is a webhook (docs/alerts.md).

**Toutes les dix minutes : collecte, contrôle, stockage dans HDFS, Elasticsearch et PostgreSQL, dernières valeurs dans Redis, puis preuve
que tous s'accordent.**
"""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow.sdk import DAG, CronDataIntervalTimetable, Param, TriggerRule

from senmeteo.docs import RED_TASKS
from senmeteo.factory import (
    CLEAN,
    DATABASE,
    DEAD,
    DEFAULT_ARGS,
    INDICES,
    LAKE,
    NEWEST,
    RAW,
    SETTINGS,
    STORES,
    days_from_today,
    job,
    mapped_job,
    watch,
)
from senmeteo.sources import present

SITE_OR_SOURCE = "{{ task.command[-1] if 'scrape' in task.command else task.command[1] }}"

with DAG(
    dag_id="weather_ingest",
    dag_display_name="Weather: ingest",
    description="sources -> Kafka -> HDFS, Elasticsearch, PostgreSQL, Redis",
    doc_md=__doc__ + RED_TASKS,
    schedule=CronDataIntervalTimetable("*/10 * * * *", timezone="UTC"),
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=2),
    default_args=DEFAULT_ARGS,
    tags=["senmeteo", "weather"],
    params={
        "max_missing": Param(
            100,
            type="number",
            minimum=0,
            maximum=100,
            title="Manquants tolérés, en % (max_missing)",
            description="Au-delà de ce pourcentage de relevés manquants, gaps est rouge. — gaps is red above this share of missing ones.",
        ),
    },
):
    fetch = mapped_job(
        "fetch",
        "fetch",
        present(SETTINGS.sources),
        outlets=[RAW],
        map_index_template=SITE_OR_SOURCE,
    )
    # A source that failed or is not due does not keep back what the others gave.
    stream = job("stream", ["stream"], trigger_rule=TriggerRule.ALL_DONE, inlets=[RAW], outlets=[CLEAN, DEAD])
    # Its verdicts go back to RAW: as an outlet that would bend the lineage into a circle.
    review = job("review", ["review"], inlets=[CLEAN])
    loads = [
        job(f"to-{store}", [f"to-{store}"], inlets=[CLEAN], outlets=[of.asset]) for store, of in STORES.items() if store in SETTINGS.stores
    ]
    keeps = "pg" in SETTINGS.stores  # incidents
    reconcile = job(
        "reconcile",
        ["reconcile", "--json", *(["--alerts"] if keeps else []), "--from", days_from_today(-1), "--to", days_from_today(1)],
        verb="reconcile --alerts" if keeps else "reconcile",
        inlets=[RAW, CLEAN, DEAD, LAKE, INDICES, DATABASE, NEWEST],
    )
    status = job("status", ["status", "--json"], trigger_rule=TriggerRule.ALL_DONE, inlets=[DATABASE])
    fetch >> stream >> [review, *loads]
    for load in loads:
        load >> [reconcile, status]
    watched = [fetch, review, reconcile, status]
    if keeps:
        # Who is silent is seen also when nothing was stored.
        missing = ["gaps", "--json", "--from", days_from_today(-1), "--max-missing", "{{ params.max_missing }}"]
        after = [
            job("gaps", missing, trigger_rule=TriggerRule.ALL_DONE),
            job("alerts", ["alerts", "--jobs"], trigger_rule=TriggerRule.ALL_DONE),
        ]
        loads >> after[0]
        loads >> after[1]
        watched += after
    watch(watched)
