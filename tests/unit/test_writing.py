"""A result folder is the old one or the new one, never half of either."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from compiler.cli.writing import WriteError, slug, write_file, write_folder

ROOT = Path(__file__).parents[2]


def result(mark: str, *extra: str) -> dict[str, str]:
    """Files as `compile` writes them, all with the same mark in them."""
    scripts = ["a.py", *extra]
    plan = {"compiler": {"name": "workup"}, "scripts": [{"file": f} for f in scripts], "m": mark}
    return {"plan.json": json.dumps(plan), **dict.fromkeys(scripts, mark)}


def there(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_files_are_written_and_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "out"
    write_folder(target, result("1", "b.py"))
    write_folder(target, result("2"))
    assert there(target) == result("2")
    assert [path.name for path in target.parent.iterdir()] == ["out"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write_folder(tmp_path / "out", result("1"))
    assert there(tmp_path / "out") == result("1")


@pytest.mark.parametrize("name", ["notes.txt", "b.py"])
def test_a_stranger_s_file_is_never_removed(tmp_path: Path, name: str) -> None:
    write_folder(tmp_path / "out", result("1"))
    (tmp_path / "out" / name).write_text("mine")
    with pytest.raises(WriteError, match=name):
        write_folder(tmp_path / "out", result("2"))
    assert there(tmp_path / "out") == {**result("1"), name: "mine"}


def test_a_stranger_s_plan_is_no_licence(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text('{"scripts": []}')
    with pytest.raises(WriteError, match=r"plan\.json"):
        write_folder(tmp_path, result("1"))


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(WriteError, match="is a file"):
        write_folder(tmp_path / "out", result("1"))
    with pytest.raises(WriteError, match="is a file, not a folder"):
        write_folder(tmp_path / "out" / "below", result("1"))
    assert (tmp_path / "out").read_text() == "mine"


def test_the_working_folder_is_not_swapped_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WriteError, match="runs in"):
        write_folder(Path(), result("1"))


@pytest.mark.parametrize("bad", ["../a.py", "", ".hidden", "a/b.py", "a\x00.py"])
def test_names_cannot_leave_the_folder(tmp_path: Path, bad: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        write_folder(tmp_path / "out", {bad: "x"})
    assert not (tmp_path / "out").exists()


class Interrupted(Mapping[str, str]):
    """Files of which the second one is interrupted, as by Ctrl-C."""

    def __iter__(self) -> Iterator[str]:
        return iter(["a.py", "plan.json"])

    def __len__(self) -> int:
        return 2

    def __getitem__(self, name: str) -> str:
        if name == "plan.json":
            raise KeyboardInterrupt
        return "half"


def test_ctrl_c_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    write_folder(tmp_path / "out", result("1"))
    with pytest.raises(KeyboardInterrupt):
        write_folder(tmp_path / "out", Interrupted())
    assert there(tmp_path / "out") == result("1")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


_WRITER = """
import itertools, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from compiler.cli.writing import write_folder
import json
names = [f"s{n}.py" for n in range(20)]
plan = {"compiler": {"name": "workup"}, "scripts": [{"file": n} for n in names]}
print("ready", flush=True)
for mark in itertools.cycle("ab"):
    write_folder(Path(sys.argv[2]), {**dict.fromkeys(names, mark * 5000),
                                     "plan.json": json.dumps({**plan, "m": mark * 5000})})
"""


@pytest.mark.parametrize("delay_s", [0.05, 0.071, 0.113, 0.149])
def test_kill_9_leaves_a_whole_result(tmp_path: Path, delay_s: float) -> None:
    target = tmp_path / "out"
    command = [sys.executable, "-c", _WRITER, str(ROOT), str(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(delay_s)
        while not target.exists():
            time.sleep(0.005)
        os.kill(writer.pid, signal.SIGKILL)
    files = there(target)
    assert len(files) == 21
    marks = {text for name, text in files.items() if name != "plan.json"}
    assert len(marks) == 1
    assert json.loads(files["plan.json"])["m"] in marks


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux can exchange folders")
def test_there_is_no_moment_without_a_result(tmp_path: Path) -> None:
    write_folder(tmp_path / "out", result("0"))
    missed: list[int] = []
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            if not (tmp_path / "out").exists():
                missed.append(1)

    watcher = threading.Thread(target=watch)
    watcher.start()
    for mark in range(150):
        write_folder(tmp_path / "out", result(str(mark)))
    done.set()
    watcher.join()
    assert not missed


def test_a_single_file_is_whole_and_has_the_usual_rights(tmp_path: Path) -> None:
    write_file(tmp_path / "x.json", "one")
    write_file(tmp_path / "x.json", "two")
    plain = tmp_path / "plain"
    plain.touch()
    assert (tmp_path / "x.json").read_text() == "two"
    assert (tmp_path / "x.json").stat().st_mode == plain.stat().st_mode
    with pytest.raises(WriteError, match="is a file, not a folder"):
        write_file(plain / "x.json", "three")


def test_slugs_are_file_names() -> None:
    assert slug("../../etc/passwd") == "etc-passwd"
    assert slug("\x1b[31m 1–2 h µ") == "31m-1-2-h"
    assert slug("..") == "procedure"
    assert len(slug("x" * 500)) == 80
