"""What an operator reads in Airflow when a task is red."""

RED_TASKS = """
## When a task is red

Open the task's log: its last lines hold the report, whose `error` says what is wrong; the XCom `return_value` holds it too.
The exception names the exit code:

| exit code | what it means | what to do |
|---|---|---|
| 1 | no: `reconcile` found a difference, or `status` something late | read what it names; a region is late when its source is |
| 64 | wrong flags or configuration | correct the variable that the error names, then clear the task |
| 65 | too much of the input was bad; the good part is stored | look at them with the DAG `weather_dead_letters` |
| 66 | the input does not exist | check the path or the address |
| 69 | a server could not be reached, or refused | start it, check address and password; tried again by itself |
| 70 | a defect in the program | report it, with the log |
| 73 | an output can't be written | make room; tried again by itself |
| 75 | another run took over, or the time is over | let the other run finish; tried again by itself |
| 137 | the container was killed, mostly for lack of memory | `MEMORY` in `senmeteo/factory.py`; tried again by itself |
| 143 | stopped before the end | tried again by itself |

`bind source path does not exist` names a secret's file that is missing, `No such image` the image that `make image` builds,
`network ... not found` a wrong `SENMETEO_DAG_NETWORK`. A task that waits in *scheduled* for long waits for a slot of its pool: import
`pools.json`, or look which task holds the slot.

**Nothing is lost and nothing is doubled by a task that failed, was killed or ran twice**: each job resumes where its store says.
So *Clear* on the red task is always safe. `watcher` is red whenever another task is: look at that one.
Red `fetch` tasks do not stop the others: what the other sources gave is stored.

## En bref

Une tâche rouge : lire la fin de son journal, le champ `error` du rapport dit ce qui ne va pas. Codes 69, 73, 75, 137 et 143 : Airflow
réessaie de lui-même ; 1, 64, 65, 66 et 70 : corriger la cause, puis *Clear* sur la tâche. Rien n'est perdu ni doublé : relancer une
tâche est toujours sans danger. 99 : la source n'avait rien de neuf, la tâche est sautée. `watcher` est rouge dès qu'une autre tâche l'est.
"""
