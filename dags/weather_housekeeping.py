"""
# Housekeeping

Once a week, what an installation has switched on; **nothing of it is on by default**, and a task that is off is skipped:

- `airflow_database` deletes runs, tasks and XComs of Airflow's own database that are older than `run_days` (`airflow db clean`). The last
  run of each DAG stays;
- `airflow_logs` deletes Airflow's log files older than `log_days`;
- `checkpoint` lets the NameNode write its state as one file (`hdfs dfsadmin -saveNamespace`), so that it starts quickly and its edits
  do not pile up. HDFS is in safe mode meanwhile, for some seconds;
- `prune-es` and `prune-pg` delete the observations of months that ended more than `months` months ago from Elasticsearch and PostgreSQL.
  The lake keeps them. `reconcile` finds them missing while the topics still hold them, which is so after a back-fill of such a month.

The parameters take their defaults from the settings of the installation (docs/airflow.md); a run by hand may choose others.

**Une fois par semaine, le ménage que l'installation a activé ; rien ne l'est par défaut.**
"""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import DAG, CronDataIntervalTimetable, Param, task
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from senmeteo import housekeeping
from senmeteo.docs import RED_TASKS
from senmeteo.factory import DATABASE, DEFAULT_ARGS, INDICES, SETTINGS, checkpoint, job, watch

with DAG(
    dag_id="weather_housekeeping",
    dag_display_name="Weather: housekeeping",
    description="old runs and logs of Airflow, old months of the stores, checkpoint of HDFS; off by default",
    doc_md=__doc__ + RED_TASKS,
    schedule=CronDataIntervalTimetable("20 3 * * 0", timezone="UTC"),
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=6),
    default_args=DEFAULT_ARGS,
    tags=["senmeteo", "weather"],
    params={
        "run_days": Param(
            SETTINGS.keep_run_days,
            type="integer",
            minimum=0,
            title="Historique d'Airflow, en jours (run_days)",
            description="Durée de conservation des exécutions dans la base d'Airflow ; 0 : tout garder. "
            "— How long runs stay in Airflow's database; 0: all of them.",
        ),
        "log_days": Param(
            SETTINGS.keep_log_days,
            type="integer",
            minimum=0,
            title="Journaux d'Airflow, en jours (log_days)",
            description="Durée de conservation des fichiers journaux d'Airflow ; 0 : tout garder. "
            "— How long Airflow's log files stay; 0: all of them.",
        ),
        "checkpoint": Param(
            SETTINGS.checkpoint,
            type="boolean",
            title="Point de contrôle HDFS (checkpoint)",
            description="Le NameNode enregistre son état ; HDFS est en lecture seule pendant quelques secondes. "
            "— The NameNode saves its state; HDFS is read-only for some seconds.",
        ),
        "months": Param(
            SETTINGS.keep_months,
            type="integer",
            minimum=0,
            title="Observations, en mois (months)",
            description="Mois entiers conservés dans Elasticsearch et PostgreSQL, 3 au moins ; 0 : tout garder. "
            "— How many whole months stay in Elasticsearch and PostgreSQL, at least 3; 0: all of them.",
        ),
    },
):

    def before(days: int) -> datetime:
        """The time before which things are old. 0 days is how a task is switched off."""
        if not days:
            raise AirflowSkipException("it is off: the days are 0")
        return datetime.now(UTC) - timedelta(days=days)

    @task
    def airflow_database(params: dict[str, Any]) -> None:
        """Deletes old runs from Airflow's database."""
        command = housekeeping.clean_database(before(params["run_days"]))
        try:
            environment = housekeeping.with_database(os.environ)
        except LookupError as unknown:
            raise AirflowFailException(str(unknown)) from unknown
        subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=True)  # noqa: S603 - it is ours

    @task
    def airflow_logs(params: dict[str, Any]) -> dict[str, int]:
        """Deletes old log files."""
        return housekeeping.delete_logs(Path(conf.get("logging", "base_log_folder")), before(params["log_days"]))

    @task(retries=0)
    def first_day(params: dict[str, Any]) -> str:
        """The first day whose observations stay."""
        if not params["months"]:
            raise AirflowSkipException("it is off: the months are 0")
        try:
            return housekeeping.first_day(datetime.now(UTC).date(), params["months"]).isoformat()
        except ValueError as wrong:
            raise AirflowFailException(str(wrong)) from wrong

    @task(retries=0)
    def checkpoint_wanted(params: dict[str, Any]) -> None:
        """Skips the checkpoint unless it is switched on."""
        if not params["checkpoint"]:
            raise AirflowSkipException("it is off")

    wanted, saved = checkpoint_wanted(), []
    if "hdfs" in SETTINGS.stores:
        saved = [checkpoint("checkpoint")]
        wanted >> saved
    day = first_day()
    kept = "{{ ti.xcom_pull(task_ids='first_day') }}"
    stores = {"es": INDICES, "pg": DATABASE}
    pruned = [
        job(f"prune-{store}", [f"to-{store}", "--prune", "--before", kept], inlets=[asset])
        for store, asset in stores.items()
        if store in SETTINGS.stores
    ]
    day >> pruned
    watch([airflow_database(), airflow_logs(), wanted, *saved, day, *pruned])
