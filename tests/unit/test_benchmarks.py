"""The benchmarks run where no other library is installed, agree, and report what they measured."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*arguments):
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=120, check=False)


def test_a_run_prints_a_table_and_writes_json(tmp_path):
    file = tmp_path / "results" / "run.json"
    done = run("two-inputs", "mlp", "--rounds", "1", "--json", str(file))
    assert done.returncode == 0, done.stderr
    assert "| two-inputs |" in done.stdout
    assert "numpy, target 1.15" in done.stdout
    results = json.loads(file.read_text(encoding="utf-8"))
    assert [workload["name"] for workload in results["workloads"]] == ["two-inputs", "mlp"]
    for workload in results["workloads"]:
        ours, theirs = workload["seconds"]["stepgrad"], workload["seconds"]["numpy"]
        assert workload["ratios"]["numpy"] == pytest.approx(ours / theirs)


def test_the_jacobians_keep_their_promises_of_memory(tmp_path):
    file = tmp_path / "run.json"
    done = run("jacobians", "--rounds", "1", "--json", str(file))
    assert done.returncode == 0, done.stderr
    rows = {row["name"]: row for row in json.loads(file.read_text(encoding="utf-8"))["workloads"]}
    assert len(rows) == 8
    for name, row in rows.items():
        assert f"| {name} " in done.stdout
        assert row["seconds"].keys() >= {"stepgrad", "values"}
        assert row["peak_bytes"]["stepgrad"] <= (row["peak_limit"] or row["dense_bytes"] / 10)
        assert row["peak_bytes"]["stepgrad"] <= row["peak_bytes"]["values"]
    assert rows["jacobian-relu-batch"]["dense_bytes"] == 8 * 409_600**2
    assert "torch" not in rows["jacobian-relu-batch"]["seconds"]  # a dense Jacobian doesn't fit


def test_convolutions_say_how_they_were_done(tmp_path):
    file = tmp_path / "run.json"
    done = run("conv-a-input-float64", "conv-a-layer-float32", "--rounds", "1", "--json", str(file))
    assert done.returncode == 0, done.stderr
    assert "conv-a-input-float64: auto takes " in done.stdout
    rows = {row["name"]: row for row in json.loads(file.read_text(encoding="utf-8"))["workloads"]}
    assert rows["conv-a-input-float64"]["seconds"].keys() >= {"stepgrad", "scipy"}
    assert rows["conv-a-input-float64"]["targets"] == {"torch": 1.0, "autograd": 0.1}
    assert rows["conv-a-layer-float32"]["targets"] == {"numpy": 1.15}


def test_an_unknown_workload_is_named():
    done = run("conv")
    assert done.returncode == 2
    assert "no workload is called 'conv'; there are" in done.stderr
    assert "and the groups " in done.stderr
