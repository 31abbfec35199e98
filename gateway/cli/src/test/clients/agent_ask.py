"""A task that a human allows, with the packed library. It prints the answer of one call."""

import sys
from pathlib import Path

from errand_agent import Task

task = Task.ask(
    lambda address, code: print(address, flush=True),
    sys.argv[1],
    template="triage",
    parameters={"ticket": "17"},
    svid=Path(sys.argv[2]),
    purpose="for a test",
)
with task, task.client() as http:
    print(http.get("/tickets/v1/tickets/17").text)
