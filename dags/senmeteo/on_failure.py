"""
What happens when a task has failed for good.

Every task of the DAGs calls the functions of HOOKS, each with Airflow's context; one that fails keeps none of the others back. To be told
in another way, add a function to the list.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow.sdk import Context

log = logging.getLogger(__name__)

LONGEST = 500  # bytes of a message that `senmeteo alerts raise` takes


@dataclass(frozen=True)
class Failure:
    """A task that failed, after its last try."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int  # of a mapped task; -1: it is not one
    try_number: int
    error: str  # "" when its process was ended from outside
    log_url: str

    def __str__(self) -> str:
        """The failure in one line."""
        task = self.task_id if self.map_index < 0 else f"{self.task_id}[{self.map_index}]"
        why = self.error or "its process ended without a word"
        return f"{self.dag_id}: {task} failed at try {self.try_number} of run {self.run_id}: {why}; log: {self.log_url}"


def failure(context: Context) -> Failure:
    """The failure that Airflow's context describes."""
    ti: Any = context["ti"]
    return Failure(
        dag_id=ti.dag_id,
        run_id=ti.run_id,
        task_id=ti.task_id,
        map_index=-1 if ti.map_index is None else ti.map_index,
        try_number=ti.try_number,
        error=" ".join(str(context.get("exception") or "").split()),
        log_url=getattr(ti, "log_url", ""),
    )


def log_failure(context: Context) -> None:
    """Logs one line, which is in the task's own log and wherever that is collected."""
    log.error("%s", failure(context))


def raise_incident(context: Context) -> None:
    """
    Opens an incident of the kind dag (docs/alerts.md), unless one is open or there is no PostgreSQL.

    The next `senmeteo alerts` sends it; `all-clear` closes it at the end of the next run of the DAG without a red task.
    """
    from senmeteo import factory  # which reads HOOKS

    if "pg" not in factory.SETTINGS.stores:
        return
    failed = failure(context)
    message = f"{failed.dag_id} is red: {failed}".encode()[:LONGEST].decode(errors="ignore")
    task = factory.job("raise", ["alerts", "raise", "dag", failed.dag_id, message], do_xcom_push=False)
    task.render_template_fields(context)
    task.execute(context)


HOOKS: list[Callable[[Context], None]] = [log_failure, raise_incident]
"""What is told of a task that failed; factory.py adds mail where an installation wants it."""
