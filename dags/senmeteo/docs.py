"""What an operator reads in Airflow when a task is red."""

from __future__ import annotations

from typing import TYPE_CHECKING

from senmeteo.exit_codes import EXIT_CODES

if TYPE_CHECKING:
    from collections.abc import Callable

    from senmeteo.exit_codes import ExitCode, Text

_PAGE = """
## When a task is red

Open the task's log: its last lines hold the report, whose `error` says what is wrong; the XCom `return_value` holds it too.
The exception names the exit code:

%(english)s

`bind source path does not exist` names a secret's file that is missing, `No such image` the image that `make image` builds,
`network ... not found` a wrong `SENMETEO_DAG_NETWORK`. A task that waits in *scheduled* for long waits for a slot of its pool: import
`pools.json`, or look which task holds the slot.

**Nothing is lost and nothing is doubled by a task that failed, was killed or ran twice**: each job resumes where its store says.
So *Clear* on the red task is always safe. `watcher` is red whenever another task is: look at that one.
Red `fetch` tasks do not stop the others: what the other sources gave is stored.

## En bref

Une tâche rouge : lire la fin de son journal ; le champ `error` du rapport dit ce qui ne va pas. Rien n'est perdu ni doublé : *Clear*
sur la tâche est toujours sans danger. `watcher` est rouge dès qu'une autre tâche l'est.

%(french)s
"""


def _table(head: tuple[str, str, str], retried: str, of: Callable[[ExitCode], Text]) -> str:
    """The codes with which a task is not green, as a Markdown table."""
    rows = [f"| {head[0]} | {head[1]} | {head[2]} |", "|---|---|---|"]
    for code in EXIT_CODES:
        if code.reaction in ("fails", "retries"):
            meaning, detail, advice = of(code)
            again = f" ({retried})" if code.reaction == "retries" else ""
            rows.append(f"| {code.number} | {meaning}{f' ({detail})' if detail else ''} | {advice}{again} |")
    return "\n".join(rows)


RED_TASKS = _PAGE % {
    "english": _table(("exit code", "what it means", "what to do"), "tried again by itself", lambda code: code.english),
    "french": _table(("code", "sens", "que faire"), "Airflow réessaie de lui-même", lambda code: code.french),
}
