#!/usr/bin/env python3
"""Judges the recorded runs of tau-bench's airline by examples/airline: judgement_tau.py DIR, a checkout of tau-bench.

Each run becomes a scenario for `errand test` ($ERRAND, by default the errand of this repository). Prints one table.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent
EXAMPLE = TOP / "examples" / "airline"
ERRAND = os.environ.get("ERRAND", str(TOP / "errand"))
WRITES = {
    "book_reservation": "book",
    "cancel_reservation": "cancel",
    "update_reservation_flights": "flights.change",
    "update_reservation_baggages": "bags.change",
    "update_reservation_passengers": "passengers.change",
    "send_certificate": "certificate",
}
READS = {
    "get_user_details": "user.get",
    "get_reservation_details": "reservation.get",
    "search_direct_flight": "flights.search",
    "search_onestop_flight": "flights.search",
}
DIFFERENCE = re.compile(r"tests/run-(\d+)\.yaml:\d+:\d+: call (\d+), [^:]+:[^:]+: expected permit, was ([a-z-]+)")


def arguments(name, kwargs):
    """The arguments of the catalogue's operation."""
    if name.startswith("search"):
        return {"from": kwargs.get("origin"), "to": kwargs.get("destination"), "date": kwargs.get("date")}
    found = {}
    for ours, theirs in (("user", "user_id"), ("reservation", "reservation_id"), ("payment", "payment_id"),
                         ("cabin", "cabin"), ("amount", "amount")):
        if theirs in kwargs:
            found[ours] = kwargs[theirs]
    if name == "book_reservation":
        found["payment"] = [each["payment_id"] for each in kwargs.get("payment_methods", [])]
    if name == "update_reservation_baggages":
        found["bags"], found["paid"] = kwargs.get("total_baggages"), kwargs.get("nonfree_baggages")
    return found


def answer(content):
    """What the tool said, as an answer of the airline's API."""
    if content.startswith("Error"):
        return 422
    try:
        body = json.loads(content)
    except ValueError:
        return 200
    if not isinstance(body, dict):
        return 200
    if isinstance(body.get("payment_methods"), dict):
        body["payment_methods"] = list(body["payment_methods"].values())
    kept = ("membership", "reservations", "payment_methods", "cabin", "insurance", "status", "total_baggages",
            "nonfree_baggages", "reservation_id")
    return {"status": 200, "body": {name: body[name] for name in kept if name in body}}


def calls(run):
    """(operation, arguments, answer, whether it is a write that nobody wanted) of each call that the API would get."""
    expected = [(each["name"], each["kwargs"]) for each in run["info"]["task"]["actions"]]
    said = {each["tool_call_id"]: each["content"] for each in run["traj"] if each.get("role") == "tool"}
    for message in run["traj"]:
        for call in message.get("tool_calls") or []:
            name = call["function"]["name"]
            if name not in WRITES and name not in READS or call["id"] not in said:
                continue
            try:
                kwargs = json.loads(call["function"]["arguments"])
            except ValueError:
                continue
            result = answer(said[call["id"]])
            wanted = name in READS or result == 422 or (name, kwargs) in expected
            yield (WRITES | READS)[name], arguments(name, kwargs), result, not wanted


def judge(runs, change):
    """Plays all runs under the template after the change; the refusals by run and call."""
    with tempfile.TemporaryDirectory() as folder:
        here = pathlib.Path(folder) / "airline"
        shutil.copytree(EXAMPLE, here)
        shutil.rmtree(here / "tests")
        (here / "tests").mkdir()
        template = here / "tasks" / "desk.yaml"
        template.write_text(change(template.read_text()))
        for number, (run, all_calls) in enumerate(runs):
            lines = ["template: desk", "parameters: " + json.dumps({"user": run["info"]["task"]["user_id"]}), "calls:"]
            for operation, given, result, _ in all_calls:
                lines.append("  - " + json.dumps({"call": "air:" + operation, "arguments": given, "answers": result}))
            (here / "tests" / f"run-{number:04d}.yaml").write_text("\n".join(lines) + "\n")
        told = subprocess.run([ERRAND, "test", str(here)], capture_output=True, text=True).stdout
    refused = {}
    for line in told.splitlines():
        found = DIFFERENCE.match(line)
        if found:
            refused.setdefault(int(found[1]), {})[int(found[2]) - 1] = found[3]
        elif not re.search(r"(: good, \d+ calls?|: differs in \d+)$", line):
            sys.exit("not understood: " + line)
    return refused


def row(name, runs, refused):
    good = [number for number, (run, _) in enumerate(runs) if run["reward"] == 1]
    asked = [n for n in good if "approval-required" in refused.get(n, {}).values()]
    disturbed = [n for n in good if set(refused.get(n, {}).values()) - {"approval-required"}]
    wrong = [refused.get(number, {}).get(place)
             for number, (_, all_calls) in enumerate(runs)
             for place, call in enumerate(all_calls) if call[3]]
    questions = sum(list(each.values()).count("approval-required") for each in refused.values())
    passed, by_question = wrong.count(None), wrong.count("approval-required")
    print(f"{name:<28}{len(disturbed):>6}/{len(good)}{len(asked):>6}/{len(good)}{questions / len(runs):>11.2f}"
          f"{len(wrong) - passed - by_question:>9}{by_question:>13}{passed:>8}/{len(wrong)}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    files = sorted(pathlib.Path(sys.argv[1]).glob("historical_trajectories/*airline*.json"))
    files = [file for file in files if file.stat().st_size]
    if not files:
        sys.exit(f"{sys.argv[1]} has no historical_trajectories/*airline*.json: give a checkout of tau-bench")
    for file in files:
        runs = [(run, list(calls(run))) for run in json.loads(file.read_text())]
        # A run without a call is none that a gateway sees.
        runs = [each for each in runs if each[1]]
        print(f"{file.stem}: {len(runs)} runs\n")
        if not runs:
            continue
        print(f"{'policy':<28}{'disturbed':>9}{'asked':>9}{'questions':>11}{'refused':>9}{'by question':>13}{'passed':>9}")
        print(f"{'':<28}{'good runs':>9}{'good runs':>10}{'a run':>10}{'wrong writes':>33}")
        row("grants, no condition", runs, judge(runs, lambda text: re.sub(r"(?ms)^rules:\n.*?(?=^ask:)", "", text)
                                                .replace("rule: ask", "rule: deny").replace("ask: {by", "#")))
        row("fourteen conditions, ask", runs, judge(runs, lambda text: text))
        row("the same, refusing", runs, judge(runs, lambda text: re.sub(r"(?m)^ask: .*\n", "", text)
                                              .replace("rule: ask", "rule: deny, repeated: {denials: 1000, within: 1s, then: deny}")))
        row("a human for every write", runs, judge(runs, every_write))
        print()


def every_write(text):
    text = re.sub(r"(?ms)^rules:\n.*?(?=^ask:)", "", text).replace("on-violation: {rule: ask}", "")
    for operation in WRITES.values():
        text = text.replace(f"air:{operation}: {{", f"air:{operation}: {{ask: always, ")
    return text


if __name__ == "__main__":
    main()
