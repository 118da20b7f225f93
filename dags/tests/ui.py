"""What the tests look at in Airflow's pages."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from server import TERMINAL

if TYPE_CHECKING:
    from browser import Browser
    from server import Airflow

# Where pictures are kept, for the docs; without it they are not taken.
PICTURES = os.environ.get("SENMETEO_TEST_PICTURES")

NODES = """JSON.stringify(Object.fromEntries([...document.querySelectorAll('.react-flow__node')].map(n =>
    [n.dataset.id, n.innerText.trim().split(/\\s+/).at(-1).toLowerCase()])))"""
EDGES = "JSON.stringify([...document.querySelectorAll('.react-flow__edge')].map(e => e.dataset.id))"


def click(browser: Browser, which: str) -> None:
    """Clicks a button, once it is there, that has this text or label."""
    wanted = json.dumps(which)
    find = f"[...document.querySelectorAll('button')].find(b => b.innerText == {wanted} || (b.ariaLabel || '').startsWith({wanted}))"
    browser.wait(f"(b => b ? (b.click(), true) : false)({find})")  # in one step: the page replaces its elements as it loads


def graph(browser: Browser, airflow: Airflow, dag: str, run: str, tasks: int) -> dict[str, str]:
    """The tasks of a run and their states, as the graph shows them; it learns of the states after it has drawn the tasks."""
    browser.open(f"{airflow.url}/dags/{dag}/runs/{quote(run)}")
    browser.wait("document.body.innerText.includes('Task Instances')")
    keep(browser, "airflow-ingest")
    click(browser, "Show Graph")
    shown = f"Object.values({NODES[len('JSON.stringify(') : -1]})"
    browser.wait(f"{shown}.length == {tasks} && {shown}.every(state => {json.dumps(sorted(TERMINAL))}.includes(state))")
    keep(browser, "airflow-graph")
    return json.loads(browser.evaluate(NODES))


def xcom(browser: Browser, airflow: Airflow, dag: str, run: str, task: str, holds: str) -> None:
    """Waits until a task's XCom page, its values unfolded, holds a text; without white space, since the page wraps long values."""
    browser.open(f"{airflow.url}/dags/{dag}/runs/{quote(run)}/tasks/{task}/xcom")
    browser.wait("document.body.innerText.includes('return_value')")
    click(browser, "Expand all extra JSON")
    browser.wait(f"document.body.innerText.replace(/\\s/g, '').includes({json.dumps(holds)})")
    keep(browser, "airflow-xcom")


def lineage(browser: Browser, airflow: Airflow, asset: str, around: set[str]) -> set[tuple[str, str]]:
    """The arrows around an asset, each from task to asset or from asset to task, once those of all tasks around it are drawn."""
    known = {f"asset:{a['id']}": a["name"] for a in airflow.get("assets")["assets"]}
    number = next(node.removeprefix("asset:") for node, name in known.items() if name == asset)
    browser.open(f"{airflow.url}/assets/{number}")
    click(browser, "Task Dependencies")
    browser.wait("[...document.querySelectorAll('.react-flow__edge')].some(e => e.dataset.id.includes('task:'))")
    click(browser, "Fit View")
    drawn = f"{EDGES[len('JSON.stringify(') : -1]}.join()"
    browser.wait(f"{json.dumps(sorted(around))}.every(t => {drawn}.includes('__SEPARATOR__' + t))")
    keep(browser, "airflow-lineage")

    def name(node: str) -> str:
        return known.get(node) or node.removeprefix("task:").replace("__SEPARATOR__", ".")

    edges: list[str] = json.loads(browser.evaluate(EDGES))
    return {(name(a), name(b)) for a, b in (split(e) for e in edges)}


def split(edge: str) -> tuple[str, str]:
    """The two nodes that an arrow is named after."""
    for kind in ("-asset:", "-task:"):
        left, found, right = edge.rpartition(kind)
        if found:
            return left, kind[1:] + right
    raise ValueError(edge)


def keep(browser: Browser, name: str) -> Any:
    if PICTURES:
        browser.evaluate("new Promise(done => setTimeout(done, 1500))")  # until nothing moves any more
        browser.picture(Path(PICTURES) / f"{name}.png")
