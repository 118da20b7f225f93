"""explore.py in Chromium, at the size of a desk and of a phone."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import Browser

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTEBOOKS = Path(__file__).parents[1]
# Where pictures are kept; without it they are not taken.
PICTURES = os.environ.get("SENMETEO_TEST_PICTURES")
CHART = "document.querySelector('[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg')"


def wait(url: str) -> None:
    """Return when the page answers, after three minutes at the most."""
    deadline = time.monotonic() + 180
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10):
                return
        except OSError:
            assert time.monotonic() < deadline, f"{url} does not answer"
            time.sleep(0.1)


@pytest.fixture(scope="module")
def address(stores: dict[str, str]) -> Iterator[str]:
    """Run the page as the stack does, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "explore.py", "--server.address=127.0.0.1", f"--server.port={port}"]
    process = subprocess.Popen(command, cwd=NOTEBOOKS, env=stores, stdout=subprocess.DEVNULL)
    try:
        wait(f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(("device", "width", "height"), [("desk", 1400, 1000), ("phone", 400, 860)])
def test_the_page_fits(address: str, tmp_path: Path, device: str, width: int, height: int) -> None:
    browser = Browser(tmp_path, width, height)
    try:
        browser.open(address)
        browser.wait(f"!!{CHART} && document.body.innerText.includes('Télécharger (CSV)')")
        text = browser.evaluate("document.body.innerText")
        assert "La météo du Sénégal, région par région" in text
        assert "Température · Dakar" in text
        assert "Deploy" not in text
        # The chart gets its size after it was drawn.
        browser.wait(f"{CHART}.getBoundingClientRect().width > {0.5 * min(width, 900)}")
        browser.wait("document.documentElement.scrollWidth <= innerWidth")
        if PICTURES:
            browser.picture(Path(PICTURES) / f"explore-{device}.png")
    finally:
        browser.close()
