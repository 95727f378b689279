"""How long the report takes: one reaction, and a save until the new page is served.

Run with `python -m benchmarks.review`. Times are wall time, the best of a few runs.
"""

from __future__ import annotations

import http.client
import tempfile
import time
from pathlib import Path

from compiler.pipeline import compile_procedure
from simulate.review.page import review_html
from simulate.review.serve import serving
from simulate.review.verification import run_files, simulated

PROTOCOLS = Path(__file__).resolve().parent.parent / "protocols"
PROCEDURE = PROTOCOLS / "reductive-amination" / "procedure.yaml"
FLEX = PROTOCOLS / "benches" / "flex.yaml"


def main() -> None:
    """Prints the first page, a page in a warm process, and a live update."""
    compiled = compile_procedure(PROCEDURE, FLEX)
    verification = simulated(run_files(compiled))
    print(f"report after the simulation, cold  {_timed(compiled, verification):5.2f} s  (≤ 1)")
    warm = min(_timed(compiled, verification) for _ in range(5))
    print(f"report in a warm process           {warm:5.2f} s")
    print(f"from saving to the new page        {_live_s():5.2f} s  (≤ 1)")


def _timed(*given: object) -> float:
    begun = time.perf_counter()
    review_html(*given)  # type: ignore[arg-type]  # as `main` made them
    return time.perf_counter() - begun


def _live_s() -> float:
    """From a save to the whole page at the browser, the best of three."""
    text = PROCEDURE.read_text(encoding="utf-8")
    found = []
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "procedure.yaml"
        file.write_text(text, encoding="utf-8")
        with serving(file, FLEX) as server:
            while b'class="verdict good"' not in _page(server.server_port):
                time.sleep(0.2)
            for number in range(3):
                title = f"Run {number}"
                begun = time.perf_counter()
                file.write_text(text.replace("Reductive amination of", title), encoding="utf-8")
                while title.encode() not in _page(server.server_port):
                    time.sleep(0.01)
                found.append(time.perf_counter() - begun)
                while b'class="verdict good"' not in _page(server.server_port):
                    time.sleep(0.2)
    return min(found)


def _page(port: int) -> bytes:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    line.request("GET", "/")
    text = line.getresponse().read()
    line.close()
    return text


if __name__ == "__main__":
    main()
