"""Makes the tasks of the DAGs: every one is a SenmeteoOperator with the same rules."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, TriggerRule, task
from airflow.sdk.exceptions import AirflowFailException

from senmeteo.operator import SenmeteoOperator
from senmeteo.settings import SECRETS, Settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow.sdk.definitions.mappedoperator import MappedOperator, OperatorPartial

SETTINGS = Settings.read()

# What the jobs read and write; Airflow draws the lineage from it.
RAW = Asset(name="meteo.raw", uri="kafka://meteo/raw", group="topic")
CLEAN = Asset(name="meteo.clean", uri="kafka://meteo/clean", group="topic")
DEAD = Asset(name="meteo.dlq", uri="kafka://meteo/dlq", group="topic")
LAKE = Asset(name="lake", uri="hdfs://lake/clean", group="store")
INDICES = Asset(name="elasticsearch", uri="elasticsearch://indices/meteo-clean", group="store")
DATABASE = Asset(name="postgresql", uri="postgres://postgres:5432/meteo/meteo/observation", group="store")

# One pool per job, with as many slots as runs of it may go at the same time, whatever DAG they are of: dags/pools.json.
POOLS = {
    "fetch": "senmeteo_fetch",
    "stream": "senmeteo_stream",
    "to-hdfs": "senmeteo_to_hdfs",
    "to-es": "senmeteo_to_es",
    "to-pg": "senmeteo_to_pg",
    "reconcile": "senmeteo_reconcile",
    "status": "senmeteo_status",
    "dlq": "senmeteo_dlq",
    "quality": "senmeteo_quality",
}

# The secrets that a job may read, of those that the installation has.
KAFKA = ("kafka-config",)
NEEDS = {
    "fetch": (*KAFKA, "tomorrow-api-key", "redis-url"),
    "stream": KAFKA,
    "to-hdfs": KAFKA,
    "to-es": (*KAFKA, "es-url", "es-api-key", "es-ca"),
    "to-pg": (*KAFKA, "pg-url"),
    "reconcile": (*KAFKA, "es-url", "es-api-key", "es-ca", "pg-url"),
    "status": (*KAFKA, "es-url", "es-api-key", "es-ca", "pg-url"),
    "dlq": KAFKA,
    "quality": ("pg-url",),
}
# What names a store's address to a job. `reconcile` and `status` ask every store whose address they have, and an
# installation need not have them all.
ADDRESSES = {"hdfs": {"SENMETEO_HDFS"}, "es": {"SENMETEO_ES_URL", "es-url", "es-api-key", "es-ca"}, "pg": {"pg-url"}}
MEMORY = "512m"  # a million records take less: make bench

DEFAULT_ARGS: dict[str, Any] = {
    "owner": "senmeteo",
    "retries": 4,
    "retry_delay": timedelta(seconds=SETTINGS.retry_delay),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=10),
    "execution_timeout": timedelta(minutes=20),
}

# The window of a run. One that was started by hand without a logical date has none: it is taken to end when the run began.
_END = "(data_interval_end | default(dag_run.run_after, true))"
UNTIL = "{{ %s.strftime('%%Y-%%m-%%dT%%H:%%M:%%SZ') }}" % _END
TODAY = "{{ %s | ds }}" % _END  # the day in which the window ends


def since(length: str) -> str:
    """The begin of the window, for the jobs; length is how long one without an interval is, as timedelta takes it."""
    begin = f"(data_interval_start | default(dag_run.run_after - macros.timedelta({length}), true))"
    return "{{ %s.strftime('%%Y-%%m-%%dT%%H:%%M:%%SZ') }}" % begin


def days_from_today(n: int) -> str:
    """A day, counted from TODAY."""
    return "{{ macros.ds_add(%s | ds, %d) }}" % (_END, n)


def job(task_id: str, command: list[str] | Any, *, verb: str | None = None, **kwargs: Any) -> SenmeteoOperator:
    """Makes the task that runs `senmeteo COMMAND...`. verb is needed where command is known only when the task runs."""
    return SenmeteoOperator(task_id=task_id, command=command, **_arguments(verb or command[0]), **kwargs)


def mapped_job(task_id: str, verb: str, commands: Any, **kwargs: Any) -> MappedOperator:
    """Makes one task per command, side by side."""
    partial: OperatorPartial = SenmeteoOperator.partial(task_id=task_id, **_arguments(verb), **kwargs)
    return partial.expand(command=commands)


def _arguments(verb: str) -> dict[str, Any]:
    absent = ADDRESSES.keys() - set(SETTINGS.stores) if verb in ("reconcile", "status") else ()
    untold = {name for store in absent for name in ADDRESSES[store]}
    secrets = [name for name in NEEDS[verb] if name in SETTINGS.secrets and name not in untold]
    environment = {
        **{name: value for name, value in SETTINGS.environment.items() if name not in untold},
        **{SECRETS[name]: f"/run/secrets/{name}" for name in secrets},
        "SENMETEO_LOG_TO": "stdout",  # before the report, which then is the last line
        "SENMETEO_RUN_ID": "{{ run_id }}",
        "SENMETEO_TIMEOUT": "15m",  # a job that stops itself reports why; one that Airflow stops does not
        "AIRFLOW_CTX_DAG_ID": "{{ ti.dag_id }}",
        "AIRFLOW_CTX_TASK_ID": "{{ ti.task_id }}",
        "AIRFLOW_CTX_TRY_NUMBER": "{{ ti.try_number }}",
    }
    mounts = [
        {"type": "bind", "source": f"{SETTINGS.secrets_dir}/{name}", "target": f"/run/secrets/{name}", "read_only": True}
        for name in secrets
    ]
    if verb == "fetch":
        kind = "bind" if SETTINGS.state.startswith("/") else "volume"
        mounts.append({"type": kind, "source": SETTINGS.state, "target": "/state", "read_only": False})
        environment |= {"SENMETEO_BUDGET_DIR": "/state", "SENMETEO_STATE_DIR": "/state"}
    return {
        "image": SETTINGS.image,
        "network_mode": SETTINGS.network,
        "user": SETTINGS.user,
        "pool": POOLS[verb],
        "environment": environment,
        "mounts": mounts,
        "mem_limit": MEMORY,
        "log_opts_max_size": "20m",
    }


def watch(tasks: Iterable[Any]) -> None:
    """
    Ends a DAG with a task that is red when any of the tasks is.

    Tasks that run whatever became of those before them would otherwise make the run green.
    """

    @task(task_id="watcher", trigger_rule=TriggerRule.ONE_FAILED, retries=0)
    def watcher() -> None:
        raise AirflowFailException("A task of this run is red: its log says why, and the DAG's docs what to do.")

    last = watcher()
    for before in tasks:
        before >> last
