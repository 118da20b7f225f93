"""Makes the tasks of the DAGs: every one is a SenmeteoOperator with the same rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from airflow.sdk import Asset, TriggerRule, task
from airflow.sdk.exceptions import AirflowFailException

from senmeteo import on_failure
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
NEWEST = Asset(name="redis", uri="redis://redis-latest/meteo", group="store")
DAY = Asset(name="day", uri="senmeteo://calendar/day", group="calendar")  # it is over; once a day


@dataclass(frozen=True)
class Store:
    """One store, and what a job needs to reach it, of what the installation has."""

    asset: Asset
    variables: tuple[str, ...] = ()  # of Settings.environment
    secrets: tuple[str, ...] = ()  # of Settings.secrets


STORES = {
    "hdfs": Store(LAKE, variables=("SENMETEO_HDFS",)),
    "es": Store(INDICES, variables=("SENMETEO_ES_URL",), secrets=("es-url", "es-api-key", "es-ca")),
    "pg": Store(DATABASE, secrets=("pg-url",)),
    "redis": Store(
        NEWEST,
        variables=("SENMETEO_REDIS", "SENMETEO_REDIS_USER", "SENMETEO_REDIS_TTL"),
        secrets=("redis-latest-password", "redis-latest-ca"),
    ),
}


@dataclass(frozen=True)
class Job:
    """
    What a task needs to run one verb.

    The pool has as many slots as runs of the verb may go at the same time, whatever DAG they are of: dags/pools.json. A job that
    compares all stores asks each whose address it has, so it gets the addresses of Settings.stores alone.
    """

    pool: str
    secrets: tuple[str, ...] = ("kafka-config",)
    stores: tuple[str, ...] = ()
    compares: bool = False
    asks: bool = False  # changes nothing, so that it logs in as the database's reader where there is one
    remembers: bool = False  # has the volume in which sources keep what they asked

    def variables(self, settings: Settings) -> dict[str, str]:
        """The variables of the installation that the job gets."""
        absent = {name for store in self._absent(settings) for name in STORES[store].variables}
        return {name: value for name, value in settings.environment.items() if name not in absent}

    def mounted(self, settings: Settings) -> list[str]:
        """The secrets of the installation that the job may read."""
        absent = self._absent(settings)
        needed = [*self.secrets, *(name for store in self.stores if store not in absent for name in STORES[store].secrets)]
        if self.asks and "pg-reader-url" in settings.secrets:
            needed = ["pg-reader-url" if name == "pg-url" else name for name in needed]
        return [name for name in needed if name in settings.secrets]

    def _absent(self, settings: Settings) -> set[str]:
        return set(STORES) - set(settings.stores) if self.compares else set()


ALL_STORES = tuple(STORES)
JOBS = {
    "fetch": Job("senmeteo_fetch", secrets=("kafka-config", "tomorrow-api-key", "redis-url"), remembers=True),
    "stream": Job("senmeteo_stream"),
    "review": Job("senmeteo_review"),
    "to-hdfs": Job("senmeteo_to_hdfs", stores=("hdfs",)),
    "to-es": Job("senmeteo_to_es", stores=("es",)),
    "to-pg": Job("senmeteo_to_pg", stores=("pg",)),
    "to-redis": Job("senmeteo_to_redis", stores=("redis",)),
    "reconcile": Job("senmeteo_reconcile", stores=ALL_STORES, compares=True, asks=True),
    "reconcile --alerts": Job("senmeteo_reconcile", stores=ALL_STORES, compares=True),
    "status": Job("senmeteo_status", stores=ALL_STORES, compares=True, asks=True),
    "gaps": Job("senmeteo_gaps", secrets=(), stores=("pg",)),
    "alerts": Job("senmeteo_alerts", secrets=("kafka-config", "webhook-url"), stores=ALL_STORES, compares=True),
    "dlq": Job("senmeteo_dlq"),
    "quality": Job("senmeteo_quality", secrets=(), stores=("pg",), asks=True),
    "forecast": Job("senmeteo_forecast", stores=("pg",), asks=True),
    "verify": Job("senmeteo_verify", secrets=(), stores=("pg",), asks=True),
}


def mail(to: tuple[str, ...]) -> list[Any]:
    """Airflow's own notifier of a task that failed, for these addresses; none without any. Its connection names who sends."""
    if not to:
        return []
    from airflow.providers.smtp.notifications.smtp import SmtpNotifier  # slow to import

    subject = "{{ ti.dag_id }} is red: {{ ti.task_id }}"
    why = "{{ exception | default('its process ended', true) | e }}"
    text = f"<p>{{{{ ti.task_id }}}} of run {{{{ run_id }}}} failed: {why}</p><p>{{{{ ti.log_url }}}}</p>"
    return [SmtpNotifier(to=list(to), subject=subject, html_content=text)]


MEMORY = "512m"  # a million records take less: make bench

DEFAULT_ARGS: dict[str, Any] = {
    "owner": "senmeteo",
    "retries": 4,
    "retry_delay": timedelta(seconds=SETTINGS.retry_delay),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=10),
    "execution_timeout": timedelta(minutes=20),
    "on_failure_callback": [*on_failure.HOOKS, *mail(SETTINGS.mail_to)],
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


def filled() -> list[Asset]:
    """The stores of the installation."""
    return [of.asset for store, of in STORES.items() if store in SETTINGS.stores]


def job(task_id: str, command: list[str] | Any, *, verb: str | None = None, **kwargs: Any) -> SenmeteoOperator:
    """Makes the task that runs `senmeteo COMMAND...`. verb is needed where command is known only when the task runs."""
    return SenmeteoOperator(task_id=task_id, command=command, **_arguments(verb or command[0]), **kwargs)


def checkpoint(task_id: str) -> SenmeteoOperator:
    """
    Makes the task that lets the NameNode write its state as one file, by hadoop/start in the image of Hadoop, as the NameNode's own user.

    Meanwhile HDFS can't be written to, so the task has the slot of to-hdfs.
    """
    address = urlsplit(SETTINGS.environment.get("SENMETEO_HDFS", ""))
    given = _arguments("to-hdfs") | {"image": SETTINGS.hadoop_image, "user": "10001:10001", "mounts": [], "environment": {}}
    return SenmeteoOperator(task_id=task_id, command=["checkpoint", f"hdfs://{address.hostname}:{address.port or 8020}"], **given)


def mapped_job(task_id: str, verb: str, commands: Any, **kwargs: Any) -> MappedOperator:
    """Makes one task per command, side by side."""
    partial: OperatorPartial = SenmeteoOperator.partial(task_id=task_id, **_arguments(verb), **kwargs)
    return partial.expand(command=commands)


def _arguments(verb: str) -> dict[str, Any]:
    needs = JOBS[verb]
    secrets = needs.mounted(SETTINGS)
    environment = {
        **needs.variables(SETTINGS),
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
    if needs.remembers:
        kind = "bind" if SETTINGS.state.startswith("/") else "volume"
        mounts.append({"type": kind, "source": SETTINGS.state, "target": "/state", "read_only": False})
        environment |= {"SENMETEO_BUDGET_DIR": "/state", "SENMETEO_STATE_DIR": "/state"}
    return {
        "image": SETTINGS.image,
        "network_mode": SETTINGS.network,
        "user": SETTINGS.user,
        "pool": needs.pool,
        "environment": environment,
        "mounts": mounts,
        "mem_limit": MEMORY,
        "log_opts_max_size": "20m",
    }


def watch(tasks: Iterable[Any]) -> None:
    """
    Ends a DAG with a task that is red when any of the tasks is, and one that closes the DAG's incident when none is.

    Tasks that run whatever became of those before them would otherwise make the run green.
    """

    # The task that it names has called the hooks already.
    @task(task_id="watcher", trigger_rule=TriggerRule.ONE_FAILED, retries=0, on_failure_callback=[])
    def watcher() -> None:
        raise AirflowFailException("A task of this run is red: its log says why, and the DAG's docs what to do.")

    last = watcher()
    watched = list(tasks)
    if "pg" in SETTINGS.stores:
        clear = ["alerts", "clear", "dag", last.operator.dag_id]
        all_clear = job("all-clear", clear, trigger_rule=TriggerRule.NONE_FAILED)
        for before in watched:
            before >> all_clear
        watched.append(all_clear)
    for before in watched:
        before >> last
