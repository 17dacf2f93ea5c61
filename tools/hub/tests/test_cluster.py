"""The cluster's values name existing things, and Zero to JupyterHub's chart accepts them.

The chart isn't included: its check needs CHART=folder, the folder `jupyterhub` of a clone.
"""

from __future__ import annotations

import importlib.util
import os
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from tools.isolation import ROOT

VALUES = yaml.safe_load((ROOT / "tools" / "hub" / "cluster" / "values.yaml").read_text())
README = (ROOT / "tools" / "hub" / "README.md").read_text()


def merged(values: dict, others: dict) -> dict:
    """Merge values as Helm does."""
    both = {**values}
    for name, value in others.items():
        deeper = isinstance(value, dict) and isinstance(both.get(name), dict)
        both[name] = merged(both[name], value) if deeper else value
    return both


@pytest.mark.machine
@pytest.mark.skipif("CHART" not in os.environ, reason="needs the chart: CHART=folder")
def test_the_chart_accepts_the_values_and_refuses_wrong_keys():
    chart = Path(os.environ["CHART"])
    defaults = yaml.safe_load((chart / "values.yaml").read_text())
    schema = yaml.safe_load((chart / "values.schema.yaml").read_text())
    jsonschema.validate(merged(defaults, VALUES), schema)
    mistakes: list[dict] = [
        {"hub": {"concurrentSpawnLimits": 64}},
        {"singleuser": {"memory": {"guaranteed": "1G"}}},
        {"singleuser": {"memory": {"limit": []}}},
        {"scheduling": {"userPlaceholder": {"replicas": "many"}}},
    ]
    for wrong in mistakes:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(merged(defaults, merged(VALUES, wrong)), schema)


def test_a_pod_starts_a_program_of_the_image():
    server = VALUES["singleuser"]
    python, *_, module = server["cmd"]
    (user,) = re.findall(r"ARG NB_USER=(.*)", (ROOT / ".binder" / "Dockerfile").read_text())
    home = f"/home/{user}"
    assert python == f"{home}/.venv/bin/python"
    assert importlib.util.find_spec(module)
    assert server["extraEnv"]["HOME"] == server["storage"]["homeMountPath"]
    assert Path(server["storage"]["homeMountPath"]).parent == Path(home)  # doesn't hide the course


def test_a_node_has_room_for_the_page_s_students():
    share = VALUES["singleuser"]
    ((cores, memory),) = re.findall(r"A node of (\d+) processors and (\d+) GiB", README)
    nodes = re.findall(r"^\| ([\d,]+) \| (\d+) \|", README, re.MULTILINE)
    assert [students for students, _ in nodes] == ["100", "1,000", "10,000"]
    for students, number in nodes:
        each = int(students.replace(",", "")) / int(number)
        assert each * share["cpu"]["guarantee"] <= int(cores)
        assert each * int(share["memory"]["guarantee"].rstrip("M")) / 1024 <= int(memory)
        assert each <= 110  # pods, by Kubernetes' default
