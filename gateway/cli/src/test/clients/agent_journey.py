"""A task from its start to its end with the packed library, in the directory of an IT. It prints one JSON object."""

import json
from pathlib import Path

from errand_agent import Refused, Task

READ = "/vault/v1/secret/data/docs/payments/a"
gateway, svid = Path("gateway").read_text(), Path("agent.svid")
start = {"template": "explore", "parameters": {"project": "payments"}, "svid": svid, "wait": 30}
said, passed = {}, []


def call(name, task, method="GET", path=READ):
    """One call: it passed, or what it was refused with."""
    try:
        with task.client() as http:
            http.request(method, path, json={} if method == "PUT" else None).raise_for_status()
        passed.append(name)
    except Refused as refusal:
        assert refusal.decision and refusal.detail, refusal
        said[name] = refusal.code + ("" if refusal.sent == "no" else " " + refusal.sent)


try:
    Task.start(gateway, subject_token=Path("refused.jwt"), **start)
except Refused as refusal:
    said["start"] = refusal.code

with Task.start(gateway, subject_token=Path("human.jwt"), **start) as task:
    said["task"] = task.id
    call("own", task)
    child = task.derive(allow=["vault:kv.read"], calls=2, lifetime=120)
    call("delegated", child)
    call("remembered", child)
    call("spent", child)
    call("wider", child, "PUT")
    other = task.derive()
    grandchild = other.derive()
    call("grandchild", grandchild)
    other.end()
    call("ended", grandchild)
    call("broken", task, "PUT")
    call("outside", task, path="/vault/v1/secret/data/docs/billing/a")
call("late", task)
print(json.dumps({**said, "passed": " ".join(passed)}))
