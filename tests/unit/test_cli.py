"""The command line from outside: statuses, pipes, terminals, files; all with real processes."""

import json
import os
import pty
import resource
import signal
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from compiler.cli.group import workup
from compiler.cli.plan_summary import duration

ROOT = Path(__file__).parents[2]
PROCEDURE = ROOT / "protocols" / "reductive-amination" / "procedure.yaml"
COMMAND = [sys.executable, "-m", "compiler"]


def environment(**more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


def run(*arguments: str | Path, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=cwd,
        env=environment(**more),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert "Traceback" not in done.stderr + done.stdout
    assert "defect" not in done.stderr
    return done


def on_terminal(*arguments: str | Path, cwd: Path, **more: str) -> str:
    """What a command sends to a terminal."""
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        cwd=cwd,
        env=environment(**{"TERM": "xterm-256color", "COLUMNS": "100", **more}),
        stdout=follower,
        stderr=subprocess.DEVNULL,
    ) as process:
        os.close(follower)
        received = b""
        while True:
            try:
                chunk = os.read(leader, 65536)
            except OSError:  # Linux: the other end has been closed
                break
            if not chunk:
                break
            received += chunk
        process.wait(timeout=60)
    os.close(leader)
    return received.decode()


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """The shipped procedure with a volume where a time is due."""
    text = PROCEDURE.read_text(encoding="utf-8")
    assert "over: 10 min" in text
    path = tmp_path / "faulty.yaml"
    path.write_text(text.replace("over: 10 min", "over: 10 mL"), encoding="utf-8")
    return path


# --- wrong use ------------------------------------------------------------------------------


def test_version_and_help() -> None:
    runner = CliRunner()
    assert runner.invoke(workup, ["--version"]).output.startswith("workup, version ")
    help_text = runner.invoke(workup, ["--help"]).output
    for command in ("check", "compile", "simulate", "explain", "labware", "schema"):
        assert f"\n  {command} " in help_text


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("check",),
        ("check", "--format", "xml", "p.yaml"),
        ("chekc",),
        ("compile", "p.yaml"),
        ("compile", "p.yaml", "--bench", "felx"),
        ("simulate", "p.yaml"),
        ("explain", "P-CAP-0"),
        ("check", "nowhere.yaml"),
        ("check", "."),
        ("check", "/dev/zero"),
        ("check", "x" * 5000),
        ("simulate", "nowhere.py"),
        ("simulate", "nowhere.json"),
        ("compile", "nowhere.yaml", "--bench", "flex"),
    ],
    ids=lambda arguments: " ".join(arguments)[:40] or "nothing",
)
def test_wrong_use_and_unreadable_files_are_2(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout + done.stderr


def test_a_bench_that_does_not_exist_is_guessed_at(tmp_path: Path) -> None:
    done = run("compile", "p.yaml", "--bench", "felx", cwd=tmp_path)
    assert "did you mean flex?" in done.stderr


def test_an_argument_cannot_steer_the_terminal(tmp_path: Path) -> None:
    done = run("explain", "\x1b[2J\u202e", cwd=tmp_path)
    assert done.returncode == 2
    assert "\x1b" not in done.stderr
    assert "\\x1b[2J\\u202e" in done.stderr


# --- check ----------------------------------------------------------------------------------


def test_the_shipped_procedure_is_clean(tmp_path: Path) -> None:
    done = run("check", PROCEDURE, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1].startswith("no errors, no warnings, ")


def test_a_shipped_procedure_has_a_name(tmp_path: Path) -> None:
    assert run("check", "reductive-amination", cwd=tmp_path).returncode == 0


def test_an_error_is_1_and_points_at_its_line(faulty: Path) -> None:
    done = run("check", faulty, cwd=faulty.parent)
    line = 1 + faulty.read_text(encoding="utf-8").split("over: 10 mL")[0].count("\n")
    assert done.returncode == 1
    assert "error[U-DIMENSION]: " in done.stdout
    assert f"{faulty}:{line}:" in done.stdout
    assert "\x1b" not in done.stdout


def test_json_is_the_contract_s(faulty: Path) -> None:
    done = run("check", "--format", "json", faulty, cwd=faulty.parent)
    report = json.loads(done.stdout)
    schema = json.loads((files("schemas") / "findings.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(report)
    assert done.returncode == 1
    assert report["files"] == [str(faulty)]
    assert "U-DIMENSION" in [finding["code"] for finding in report["findings"]]
    assert report["summary"]["errors"] >= 1


def test_sarif_is_one_log(faulty: Path) -> None:
    done = run("check", "--format", "sarif", faulty, cwd=faulty.parent)
    assert done.returncode == 1
    assert json.loads(done.stdout)["runs"][0]["results"]


def test_a_missing_file_does_not_hide_the_others(faulty: Path) -> None:
    done = run("check", "nowhere.yaml", faulty, cwd=faulty.parent)
    assert done.returncode == 2
    assert "S-FILE" in done.stdout
    assert "U-DIMENSION" in done.stdout


def test_strict_makes_warnings_errors(tmp_path: Path) -> None:
    text = PROCEDURE.read_text(encoding="utf-8")
    path = tmp_path / "p.yaml"
    path.write_text(f"{text}\nacknowledge: [{{code: H-HCN-1, reason: no such thing}}]\n")
    if "\nacknowledge:" in text:
        pytest.skip("the procedure has acknowledgements of its own")
    assert run("check", path, cwd=tmp_path).returncode == 0
    done = run("check", "--strict", path, cwd=tmp_path)
    assert done.returncode == 1
    assert "error[S-ACK-UNUSED]" in done.stdout


# --- where output goes ----------------------------------------------------------------------


def test_colours_are_for_terminals_that_want_them(faulty: Path) -> None:
    assert "\x1b[" in on_terminal("check", faulty, cwd=faulty.parent)
    for off in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        shown = on_terminal("check", faulty, cwd=faulty.parent, **off)
        assert "U-DIMENSION" in shown
        assert "\x1b" not in shown


def test_a_terminal_shows_the_same_words_as_a_pipe(faulty: Path) -> None:
    piped = run("check", faulty, cwd=faulty.parent).stdout
    plain = on_terminal("check", faulty, cwd=faulty.parent, NO_COLOR="1")
    assert plain.replace("\r\n", "\n") == piped


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "explain"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        complaints = process.stderr.read()
    assert complaints == b""
    assert process.returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_behind_standard_output_is_told(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, "explain", "S-WRITE"],
            cwd=tmp_path,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
    assert done.returncode == 2
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_encoding_without_micro_signs(faulty: Path) -> None:
    done = run("check", faulty, cwd=faulty.parent, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 1


# --- compile --------------------------------------------------------------------------------


def test_compile_writes_a_plan_and_says_so(tmp_path: Path) -> None:
    done = run("compile", PROCEDURE, "--bench", "flex", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    folder = tmp_path / "out" / "reductive-amination-flex"
    plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    schema = json.loads((files("schemas") / "plan.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(plan)
    assert {script["file"] for script in plan["scripts"]} < {p.name for p in folder.iterdir()}
    assert "out/reductive-amination-flex/" in done.stdout
    for label in ("procedure", "robot", "time", "pauses", "tips", "worst gas", "written"):
        assert f"\n{label} " in f"\n{done.stdout}"


@pytest.mark.parametrize("bench", ["flex", "ot2"])
def test_the_same_input_gives_the_same_bytes(tmp_path: Path, bench: str) -> None:
    for folder, seed in (("a", "0"), ("b", "1")):
        arguments = ("compile", PROCEDURE, "--bench", bench, "-o", folder)
        assert run(*arguments, cwd=tmp_path, PYTHONHASHSEED=seed).returncode == 0
    texts = [
        {path.name: path.read_bytes() for path in (tmp_path / folder).iterdir()}
        for folder in ("a", "b")
    ]
    assert texts[0] == texts[1]


def test_compile_json_names_what_was_written(tmp_path: Path) -> None:
    arguments = ("compile", PROCEDURE, "--bench", "ot2", "-o", "r", "--format", "json")
    report = json.loads(run(*arguments, cwd=tmp_path).stdout)
    schema = json.loads((files("schemas") / "findings.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(report)
    assert report["written"]["directory"] == "r"
    assert sorted(report["written"]["files"]) == sorted(p.name for p in (tmp_path / "r").iterdir())


def test_nothing_is_written_when_there_is_an_error(faulty: Path) -> None:
    done = run("compile", faulty, "--bench", "flex", "-o", "result", cwd=faulty.parent)
    assert done.returncode == 1
    assert "U-DIMENSION" in done.stdout
    assert [path.name for path in faulty.parent.iterdir()] == [faulty.name]


@pytest.mark.parametrize("target", ["file/below", "/proc/nowhere/below", "nul\udcff/" + "x" * 300])
def test_a_place_that_cannot_be_written_is_2(tmp_path: Path, target: str) -> None:
    (tmp_path / "file").write_text("mine")
    done = run("compile", PROCEDURE, "--bench", "flex", "-o", target, cwd=tmp_path)
    assert done.returncode == 2
    assert "error[S-WRITE]" in done.stdout
    assert (tmp_path / "file").read_text() == "mine"


def test_a_disk_that_fills_up_leaves_the_old_result(tmp_path: Path) -> None:
    """The largest file that the process may write stands in for a full disk."""
    arguments = ["compile", str(PROCEDURE), "--bench", "flex", "-o", "result"]
    assert run(*arguments, cwd=tmp_path).returncode == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "result").iterdir()}

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    done = subprocess.run(
        [*COMMAND, *arguments],
        cwd=tmp_path,
        env=environment(PYTHONDONTWRITEBYTECODE="1"),
        capture_output=True,
        encoding="utf-8",
        preexec_fn=limit,
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert "error[S-WRITE]" in done.stdout
    assert "Traceback" not in done.stderr
    after = {path.name: path.read_bytes() for path in (tmp_path / "result").iterdir()}
    assert after == before
    assert [path.name for path in tmp_path.iterdir()] == ["result"]


# --- simulate -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped procedure, compiled for the Flex."""
    folder = tmp_path_factory.mktemp("compiled")
    arguments = ("compile", PROCEDURE, "--bench", "flex", "-o", "result")
    assert run(*arguments, cwd=folder).returncode == 0
    return folder / "result"


def test_a_plan_is_verified(compiled: Path, tmp_path: Path) -> None:
    done = run("simulate", compiled / "plan.json", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "\nverified   yes\n" in done.stdout


def test_a_procedure_is_simulated_and_nothing_is_left(tmp_path: Path) -> None:
    arguments = ("simulate", PROCEDURE, "--bench", "ot2", "--format", "json")
    done = run(*arguments, cwd=tmp_path, TMPDIR=str(tmp_path))
    assert done.returncode == 0, done.stdout
    report = json.loads(done.stdout)
    assert report["verified"] is True
    assert "workup-" not in done.stdout.replace(str(PROCEDURE), "")
    assert list(tmp_path.iterdir()) == []


def test_a_changed_script_is_1(compiled: Path, tmp_path: Path) -> None:
    for path in compiled.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    plan = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    script = tmp_path / plan["scripts"][0]["file"]
    text = script.read_text(encoding="utf-8")
    assert "200" in text
    script.write_text(text.replace("200", "190"), encoding="utf-8")
    done = run("simulate", tmp_path / "plan.json", cwd=tmp_path)
    assert done.returncode == 1
    assert "error[V-" in done.stdout
    assert "\nverified   no\n" in done.stdout


def test_any_other_script_is_run(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        'requirements = {"robotType": "Flex", "apiLevel": "2.22"}\n'
        "def run(protocol):\n"
        '    protocol.comment("hello")\n'
    )
    done = run("simulate", "mine.py", "--format", "json", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert json.loads(done.stdout)["verified"] is None


def test_a_script_that_fails_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("def run(protocol:\n")
    done = run("simulate", "bad.py", cwd=tmp_path)
    assert done.returncode == 1
    assert "error[V-RUN]" in done.stdout


# --- the smaller commands -------------------------------------------------------------------


def test_explain(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "findings" / "S-WRITE.md").read_text(encoding="utf-8")
    assert run("explain", "s-write", cwd=tmp_path).stdout == page
    assert "did you mean S-WRITE" in run("explain", "S-WRIT", cwd=tmp_path).stderr
    assert "S-WRITE" in run("explain", cwd=tmp_path).stdout
    report = json.loads(run("explain", "S-WRITE", "--format", "json", cwd=tmp_path).stdout)
    assert report["page"] == page
    assert report["severity"] == "error"
    log = json.loads(run("explain", "S-WRITE", "--format", "sarif", cwd=tmp_path).stdout)
    assert log["runs"][0]["tool"]["driver"]["rules"][0]["id"] == "S-WRITE"


def test_schema_writes_all_of_them(tmp_path: Path) -> None:
    done = run("schema", "-o", "s", cwd=tmp_path)
    assert done.returncode == 0
    written = {path.name for path in (tmp_path / "s").iterdir()}
    assert {"procedure.schema.json", "findings.schema.json", "plan.schema.json"} <= written
    for path in (tmp_path / "s").iterdir():
        jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text()))
    assert "# yaml-language-server: $schema=s/procedure.schema.json" in done.stdout
    (tmp_path / "file").touch()
    assert run("schema", "-o", "file/s", cwd=tmp_path).returncode == 2


VIALS = ("--rows", "4", "--columns", "6", "--spacing", "18", "--depth", "32", "--height", "40")


def test_labware_new(tmp_path: Path) -> None:
    arguments = ("labware", "new", "My vials.json", *VIALS, "--diameter", "10", "--volume", "2")
    assert run(*arguments, cwd=tmp_path).returncode == 0
    made = json.loads((tmp_path / "My vials.json").read_text(encoding="utf-8"))
    assert len(made["wells"]) == 24
    assert made["parameters"]["loadName"] == "my_vials"
    assert made["wells"]["A1"]["totalLiquidVolume"] == pytest.approx(2000)
    assert "material:glass" in made["metadata"]["tags"]


@pytest.mark.parametrize(
    "sizes",
    [("--diameter", "20"), ("--diameter", "nan"), ("--diameter", "-3"), (), ("--width", "1e9")],
    ids=lambda sizes: " ".join(sizes) or "none",
)
def test_labware_that_cannot_be_is_wrong_use(tmp_path: Path, sizes: tuple[str, ...]) -> None:
    done = run("labware", "new", "x.json", *VIALS, *sizes, cwd=tmp_path)
    assert done.returncode == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.4, "59 s"), (59.6, "1 min"), (3570, "1 h 00 min"), (5400, "1 h 30 min")],
)
def test_durations_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_check_starts_without_what_it_does_not_need(tmp_path: Path) -> None:
    """No robot software, no terminal library: each costs more than the check itself."""
    program = (
        "import sys; from compiler.__main__ import main; "
        f"status = main(['check', {str(PROCEDURE)!r}]); "
        "print(sorted({m.split('.')[0] for m in sys.modules} & "
        "{'opentrons', 'opentrons_shared_data', 'numpy', 'rich'}), status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
    )
    loaded = done.stdout.splitlines()[-1]
    assert "opentrons" not in loaded, done.stderr
    assert "rich" not in loaded
    assert loaded.endswith(" 0")
