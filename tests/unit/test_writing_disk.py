"""What the disk refuses, and what stops a run in the middle of writing: the old result or the new.

Processes are real: a forked child with a limit on the size of files, one without the rights of an
administrator, a file system of 150 kB, a writer that gets Ctrl-C or kill -9.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from compiler.cli.writing import WriteError, write_file, write_folder

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

ROOT = Path(__file__).parents[2]
NOBODY = 65534


def result(mark: str, size: int = 1) -> dict[str, str]:
    """Files as `compile` writes them, all with the same mark in them."""
    plan = {"compiler": {"name": "workup"}, "scripts": [{"file": "a.py"}], "m": mark}
    return {"plan.json": json.dumps(plan), "a.py": mark * size}


def there(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def refusal(write: Callable[[], None], *before: Callable[[], object]) -> str:
    """What a forked child says that writes after `before`: the message of its WriteError, or
    what else came of it."""
    receive, send = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads: the child starts none
        pid = os.fork()
    if pid == 0:
        said = "it was written"
        try:
            for prepare in before:
                prepare()
            write()
        except WriteError as error:
            said = str(error)
        except BaseException as error:  # told to the parent, which looks for the one above
            said = repr(error)
        finally:
            os.write(send, said.encode())
            os._exit(0)
    os.close(send)
    with os.fdopen(receive, encoding="utf-8") as pipe:
        said = pipe.read()
    os.waitpid(pid, 0)
    return said


def small_files_only() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))


def test_a_result_that_does_not_fit_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "out"
    write_folder(target, result("1"))
    said = refusal(lambda: write_folder(target, result("2", 10_000)), small_files_only)
    assert said == f"{target} cannot be written: File too large"
    assert there(target) == result("1")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_file_that_does_not_fit_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "review.html"
    write_file(target, "one")
    said = refusal(lambda: write_file(target, "2" * 10_000), small_files_only)
    assert said == f"{target} cannot be written: File too large"
    assert there(tmp_path) == {"review.html": "one"}


@pytest.fixture
def read_only() -> Iterator[Path]:
    """A folder with a result, into which nobody may write; not below the tests' own folder, which
    only its owner may enter."""
    with tempfile.TemporaryDirectory() as name:
        room = Path(name) / "kept"
        write_folder(room / "out", result("1"))
        write_file(room / "review.html", "one")
        Path(name).chmod(0o755)
        room.chmod(0o555)
        yield room
        room.chmod(0o755)


def without_rights() -> None:
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)


@pytest.mark.parametrize("name", ["out", "new", "new/deeper"])
def test_a_read_only_folder_keeps_what_it_has(read_only: Path, name: str) -> None:
    said = refusal(lambda: write_folder(read_only / name, result("2")), without_rights)
    assert said == f"{read_only / name} cannot be written: Permission denied"
    said = refusal(lambda: write_file(read_only / "review.html", "two"), without_rights)
    assert said.endswith("cannot be written: Permission denied")
    assert there(read_only / "out") == result("1")
    assert sorted(path.name for path in read_only.iterdir()) == ["out", "review.html"]
    assert (read_only / "review.html").read_text() == "one"


# A whole run on a file system of its own, on which a result fits once and not twice.
_ON_A_SMALL_DISK = """
mount -t tmpfs -o size=150k none "$1" && cd "$1" || exit 99
export TMPDIR="$2"
"$3" -m compiler compile reductive-amination --bench ot2 -o out >"$2/first" 2>&1; echo $?
cat out/* | cksum
"$3" -m compiler compile reductive-amination --bench ot2 -o out >"$2/second" 2>&1; echo $?
cat out/* | cksum
ls -A .
export TMPDIR="$1"
"$3" -m compiler simulate reductive-amination --bench ot2 >"$2/third" 2>&1; echo $?
"""


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs a mount of its own")
def test_a_full_disk_leaves_the_old_result(tmp_path: Path) -> None:
    disk, told = tmp_path / "disk", tmp_path / "told"
    disk.mkdir()
    told.mkdir()
    ran = subprocess.run(
        ["unshare", "-rm", "sh", "-c", _ON_A_SMALL_DISK, "sh", disk, told, sys.executable],
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = ran.stdout.split("\n")
    if not ran.stdout or "unshare failed" in ran.stderr:
        pytest.skip("mounting is not allowed here")
    first, before, second, after, left, third, _ = lines
    said = {
        path.name: path.read_text(encoding="utf-8") for path in told.iterdir() if path.is_file()
    }
    assert first == "0", said["first"]
    assert (second, after, left) == ("2", before, "out"), said["second"]
    assert "S-WRITE" in said["second"]
    assert "No space left on device" in said["second"]
    assert third == "2", said["third"]
    assert "No space left on device" in said["third"]
    assert "defect" not in said["third"]


_WRITER = """
import itertools, json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from compiler.cli.writing import write_file, write_folder
names = [f"s{n}.py" for n in range(20)]
plan = {"compiler": {"name": "workup"}, "scripts": [{"file": n} for n in names]}
room = Path(sys.argv[2])
write_folder(room / "out", {**dict.fromkeys(names, ""), "plan.json": json.dumps(plan)})
write_file(room / "page.html", "")
print("ready", flush=True)
for mark in itertools.cycle("ab"):
    texts = dict.fromkeys(names, mark * 5000)
    write_folder(room / "out", {**texts, "plan.json": json.dumps({**plan, "m": mark * 5000})})
    write_file(room / "page.html", mark * 500_000)
"""


@pytest.mark.parametrize("delay_s", [0.02, 0.033, 0.047, 0.061])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL, signal.SIGTERM])
def test_a_writer_that_is_stopped_leaves_whole_results(
    tmp_path: Path, how: signal.Signals, delay_s: float
) -> None:
    command = [sys.executable, "-c", _WRITER, str(ROOT), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(delay_s)
        writer.send_signal(how)
    assert writer.returncode == -how
    files = there(tmp_path / "out")
    plan = json.loads(files.pop("plan.json"))
    assert len(files) == 20
    assert set(files.values()) == {plan.get("m", "")}
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page in ("", "a" * 500_000, "b" * 500_000)
