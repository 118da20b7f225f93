"""A headless Chromium, driven by its DevTools protocol."""

from __future__ import annotations

import base64
import itertools
import json
import subprocess
import time
import urllib.request
from typing import TYPE_CHECKING, Any

from websockets.sync.client import connect

if TYPE_CHECKING:
    from pathlib import Path


class Browser:
    """One page of a Chromium of its own, with its profile in `folder`."""

    def __init__(self, folder: Path, width: int = 1400, height: int = 900) -> None:
        self._process = subprocess.Popen(
            [
                "chromium",
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--lang=en",
                "--remote-debugging-port=0",
                f"--user-data-dir={folder}",
                f"--window-size={width},{height}",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._ids = itertools.count(1)
        try:
            self._socket = connect(self._page(folder / "DevToolsActivePort"), max_size=None, open_timeout=30)
            self.call("Page.enable")
            size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
            self.call("Emulation.setDeviceMetricsOverride", **size)
        except BaseException:
            self.close()
            raise

    def _page(self, written: Path) -> str:
        """The address of the page, which Chromium reports when it is up."""
        deadline = time.monotonic() + 60
        while True:
            try:
                port = written.read_text().split()[0]
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=10) as answer:
                    return next(t["webSocketDebuggerUrl"] for t in json.load(answer) if t["type"] == "page")
            except (OSError, IndexError, StopIteration):
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise
                time.sleep(0.1)

    def call(self, method: str, **params: Any) -> Any:
        """Calls a method of the protocol and returns its result."""
        wanted = next(self._ids)
        self._socket.send(json.dumps({"id": wanted, "method": method, "params": params}))
        while True:
            answer = json.loads(self._socket.recv(timeout=60))
            if answer.get("id") == wanted:
                assert "error" not in answer, answer["error"]
                return answer["result"]

    def evaluate(self, script: str) -> Any:
        """The value of a JavaScript expression, awaited."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def open(self, url: str) -> None:
        """Goes to a page; what it loads by itself comes later, see wait."""
        self.call("Page.navigate", url=url)

    def wait(self, script: str, seconds: float = 60) -> Any:
        """The value of an expression as soon as it is true."""
        deadline = time.monotonic() + seconds
        while not (value := self._try(script)):
            assert time.monotonic() < deadline, f"{script} did not become true; the page says: {self._try('document.body.innerText')}"
            time.sleep(0.2)
        return value

    def _try(self, script: str) -> Any:
        try:
            return self.evaluate(script)
        except AssertionError:  # the page is not there yet, or just being replaced
            return None

    def picture(self, path: Path) -> None:
        """Keeps what the page looks like as a PNG."""
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def close(self) -> None:
        """Ends the browser."""
        self._process.kill()
        self._process.wait()
