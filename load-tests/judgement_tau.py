#!/usr/bin/env python3
"""Judges the recorded runs of tau-bench's airline by examples/airline: judgement_tau.py DIR, a checkout of tau-bench.

Each run becomes a scenario for `errand test` ($ERRAND, by default the errand of this repository). Prints one table.
"""
import json
import pathlib
import re
import sys

import judgement_runs as runs_of

EXAMPLE = runs_of.TOP / "examples" / "airline"
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
            yield "air:" + (WRITES | READS)[name], arguments(name, kwargs), result, not wanted


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    files = sorted(pathlib.Path(sys.argv[1]).glob("historical_trajectories/*airline*.json"))
    files = [file for file in files if file.stat().st_size]
    if not files:
        sys.exit(f"{sys.argv[1]} has no historical_trajectories/*airline*.json: give a checkout of tau-bench")
    for file in files:
        runs = [runs_of.Run("desk", {"parameters": {"user": run["info"]["task"]["user_id"]}}, list(calls(run)),
                            run["reward"] == 1) for run in json.loads(file.read_text())]
        # A run without a call is none that a gateway sees.
        runs = [run for run in runs if run.calls]
        print(f"{file.stem}: {len(runs)} runs\n")
        if not runs:
            continue
        runs_of.head()
        for name, change in (("grants, no condition", no_condition), ("fourteen conditions, ask", lambda text: text),
                             ("the same, refusing", refusing), ("a human for every write", every_write)):
            runs_of.row(name, runs, runs_of.judge(EXAMPLE, runs, change))
        print()


def no_condition(text):
    text = re.sub(r"(?ms)^rules:\n.*?(?=^ask:)", "", text)
    return text.replace("rule: ask", "rule: deny").replace("ask: {by", "#")


def refusing(text):
    text = re.sub(r"(?m)^ask: .*\n", "", text)
    return text.replace("rule: ask", "rule: deny, repeated: {denials: 1000, within: 1s, then: deny}")


def every_write(text):
    text = re.sub(r"(?ms)^rules:\n.*?(?=^ask:)", "", text).replace("on-violation: {rule: ask}", "")
    for operation in WRITES.values():
        text = text.replace(f"air:{operation}: {{", f"air:{operation}: {{ask: always, ")
    return text


if __name__ == "__main__":
    main()
