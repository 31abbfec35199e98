#!/usr/bin/env python3
"""Judges the recorded runs of AgentDyn by examples/agentdojo: judgement_agentdyn.py DIR, a checkout of AgentDyn.

It reads DIR/runs/PIPELINE/SUITE/TASK/ATTACK/INJECTION.json of the pipelines without a defence. A run without an attack
that did what its task wanted is good. A run whose attack succeeded is bad. Prints two tables.
"""
import collections
import json
import pathlib
import re
import sys

import judgement_agentdojo as dojo
import judgement_runs as runs_of

SUITES = ("shopping", "github", "dailylife")


def marks(text):
    """Addresses, paths, ids and quoted texts: what tells one text from another."""
    words = {word.strip(".,:;!?'\"()<>").lower() for word in text.split()}
    return {word for word in words if re.search(r"[\d@/_.]", word) and len(word) > 3} | {
        quoted.lower() for quoted in re.findall(r"(?<!\w)'([^'\n]{4,64})'(?!\w)", text)}


def strings(value):
    if isinstance(value, dict):
        return [text for each in value.values() for text in strings(each)]
    if isinstance(value, list):
        return [text for each in value for text in strings(each)]
    return [] if value is None else [str(value)]


def sent(recorded):
    """(tool, arguments, whether it failed) of each call that was answered."""
    said = {message["tool_call_id"]: message for message in recorded["messages"] if message["role"] == "tool"}
    for message in recorded["messages"]:
        for call in message.get("tool_calls") or [] if message["role"] == "assistant" else []:
            if call["id"] in said:
                yield call["function"], call["args"], bool(said[call["id"]].get("error"))


def prompt(recorded):
    first = next(message for message in recorded["messages"] if message["role"] == "user")
    content = first["content"]
    return content if isinstance(content, str) else " ".join(part.get("content") or "" for part in content)


def load(file):
    try:
        recorded = json.loads(file.read_text())
        return recorded if recorded.get("messages") and recorded.get("utility") is not None else None
    except (ValueError, OSError):
        return None


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    directory = pathlib.Path(sys.argv[1]) / "runs"
    pipelines = sorted(each.name for each in directory.iterdir()) if directory.is_dir() else []
    bare = [name for name in pipelines if any(other.startswith(name + "-") for other in pipelines)]
    if not bare:
        sys.exit(f"{sys.argv[1]} has no runs of a pipeline with and without a defence below runs/: give a checkout of AgentDyn")
    tools = {suite: dict(re.findall(r"(?m)^  ([a-z_]+): (read|list|write|delete|admin)$",
                                    (dojo.EXAMPLE / "operations" / f"{suite}.yaml").read_text())) for suite in SUITES}
    usual, clean, attacked = collections.defaultdict(set), [], []
    kept = collections.defaultdict(lambda: [0, 0, 0, 0])
    for pipeline in pipelines:
        for suite in SUITES:
            for file in sorted((directory / pipeline / suite).glob("user_task_*/*/*.json")):
                recorded = load(file)
                if recorded is None:
                    continue
                harmed = bool(recorded["injection_task_id"])
                counts = kept[pipeline]
                counts[2 if harmed else 0] += recorded["security"] if harmed else recorded["utility"]
                counts[3 if harmed else 1] += 1
                if pipeline not in bare:
                    continue
                task = suite, recorded["user_task_id"]
                if harmed:
                    if recorded["security"]:
                        attacked.append((task, recorded))
                    continue
                for tool, args, _ in sent(recorded):
                    usual[task] |= {tool, *marks(" ".join(strings(args)))}
                if recorded["utility"]:
                    clean.append((task, recorded))
    runs, untold = [], 0
    for task, recorded in clean + attacked:
        suite, bad = task[0], bool(recorded["injection_task_id"])
        told = marks(" ".join(strings(recorded["injections"]))) - marks(prompt(recorded)) - usual[task] if bad else set()
        calls = []
        for tool, args, failed in sent(recorded):
            if tool in tools[suite]:
                wrong = bad and tools[suite][tool] not in ("read", "list") and (
                    tool not in usual[task] or bool(marks(" ".join(strings(args))) & told))
                calls.append((f"{suite}:tools.call/{tool}", args, 500 if failed else 200, wrong))
        start = {"parameters": {"said": dojo.said(prompt(recorded))}, "instruction": {"source": "human", "ref": task[1]}}
        if bad and not any(call[3] for call in calls):
            untold += 1
        elif calls:
            runs.append(runs_of.Run(suite, start, calls, not bad))
    good = sum(run.good for run in runs)
    print(f"AgentDyn, {len(bare)} pipelines without a defence: {good} good runs, {len(runs) - good} attacks that succeeded"
          f" and {untold} more without a write that tells them apart\n")
    runs_of.head(True)
    for name, change in (("grants, no condition", dojo.no_question), ("the human's words, ask", lambda text: text),
                         ("flow: a human behind content", dojo.flow), ("a human for every write", dojo.always)):
        runs_of.row(name, runs, runs_of.judge(dojo.EXAMPLE, runs, change), True)
    print(f"\n{'as recorded, by pipeline':<64}{'tasks done':>10}{'attacks succeeded':>20}")
    for name, (done, tasks, succeeded, attacks) in kept.items():
        print(f"{name:<64}{done:>7}/{tasks}{succeeded:>16}/{attacks}")


if __name__ == "__main__":
    main()
