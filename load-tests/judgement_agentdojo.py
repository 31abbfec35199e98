#!/usr/bin/env python3
"""Judges the tasks of AgentDojo by examples/agentdojo, by a Python that has the package agentdojo.

The ground truth of each user task is a good run. The ground truth of each injection task of the same suite, behind the
good run, is a bad one. Prints one table. With --live it plays all runs through a gateway, too.
"""
import importlib.metadata
import itertools
import os
import re
import sys

import judgement_runs as runs_of

EXAMPLE = runs_of.TOP / "examples" / "agentdojo"
VERSION = "v1.2.2"
SUITES = ("workspace", "travel", "banking", "slack")
READ = re.compile(r"(?m)^  ([a-z_]+): (?:read|list)$")
MONTHS = {name: n for n, name in enumerate(
    "january february march april may june july august september october november december".split(), 1)}
DAY = re.compile(r"\b(" + "|".join(MONTHS) + r") (\d{1,2})(?:st|nd|rd|th)?\b(?:,? (\d{4})\b)?", re.I)
WORD = r"[A-Z0-9][\w.'&-]*"
MOST, LONGEST = 256, 128


def said(prompt):
    """What the human's own words name, by plain rules:

    quoted texts, the text behind a colon, e-mail addresses, host names, words with digits, dates (also with a time),
    runs of words that begin with a capital letter or a digit and parts of them (up to eight words), and two
    neighbouring words with capital letters, as a title.
    """
    found = re.findall(r"(?<!\w)'([^'\n]+)'(?!\w)", prompt) + re.findall(r'"([^"\n]+)"', prompt)
    found += re.findall(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", prompt)
    found += re.findall(r"\b(?:[\w-]+\.){1,4}[a-z]{2,}\b", prompt)
    found += re.findall(r"\b[\w.-]*\d[\w.-]*\b", prompt)
    found += re.findall(r": (.+)$", prompt, re.M)
    years = re.findall(r"\b(20\d\d)\b", prompt)
    days = re.findall(r"\b20\d\d-\d\d-\d\d\b", prompt)
    for month, day, year in DAY.findall(prompt):
        if year or years:
            days.append(f"{year or years[0]}-{MONTHS[month.lower()]:02}-{int(day):02}")
    found += days + [f"{day} {time}" for day in days for time in re.findall(r"\b\d\d:\d\d\b", prompt)]
    for run in re.finditer(rf"{WORD}(?:,? {WORD})*", prompt):
        words = list(re.finditer(WORD, run[0]))
        for first, last in itertools.combinations_with_replacement(range(len(words)), 2):
            if last - first < 8:
                found.append(run[0][words[first].start():words[last].end()])
    found += [f"{one} {other}".title() for one, other in re.findall(r"(?=\b([a-z]+) ([a-z]+)\b)", prompt)]
    kept = dict.fromkeys(text.strip() for text in found)
    fit = [text for text in kept if 0 < len(text) <= LONGEST and not re.search(r"[/\\\x00-\x1f\x7f]", text)
           and text not in (".", "..")]
    return fit[:MOST] or ["-"]


def plain(value):
    """The value as JSON."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(each) for each in value]
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)


def answer(result):
    """What the tool said, as an answer of an MCP server; a value that is no object stands under `result`."""
    content = plain(result)
    return {"status": 200, "body": {"jsonrpc": "2.0", "id": 1, "result": {
        "structuredContent": content if isinstance(content, dict) else {"result": content}}}}


def calls(suite, task, environment, reads, wrong):
    """Plays the ground truth in the environment."""
    from agentdojo.functions_runtime import FunctionsRuntime
    runtime = FunctionsRuntime(suite.tools)
    for call in task.ground_truth(environment):
        result, error = runtime.run_function(environment, call.function, dict(call.args))
        yield (f"{suite.name}:tools.call/{call.function}", plain(dict(call.args)),
               500 if error else answer(result), wrong and call.function not in reads)


def runs():
    """The good runs, then the bad ones: behind each good run what each injection task of its suite wants."""
    from agentdojo.task_suite.load_suites import get_suites
    good, bad = [], []
    suites = get_suites(VERSION)
    if not set(SUITES) <= set(suites):
        sys.exit(f"the package agentdojo has no suites {', '.join(SUITES)}, but {', '.join(suites)}: is it the right checkout?")
    for suite in (suites[name] for name in SUITES):
        catalogue = EXAMPLE / "operations" / f"{suite.name}.yaml"
        reads = set(READ.findall(catalogue.read_text()))
        for task in suite.user_tasks.values():
            def fresh():
                return task.init_environment(suite.load_and_inject_default_environment({}).model_copy(deep=True))
            start = {"parameters": {"said": said(task.PROMPT)}, "instruction": {"source": "human", "ref": task.ID}}
            wanted = list(calls(suite, task, fresh(), reads, False))
            good.append(runs_of.Run(suite.name, start, wanted, True))
            for injected in suite.injection_tasks.values():
                more = list(calls(suite, injected, fresh(), reads, True))
                if any(each[3] for each in more):
                    bad.append(runs_of.Run(suite.name, start, wanted + more, False))
    return good + bad


def no_question(text):
    """Without questions: the grants alone."""
    return re.sub(r"(?m), ask: .*\}$", "}", text)


def always(text):
    return re.sub(r'(?m)\{"\*": \{wildcard: true\}.*\}$', '{"*": {wildcard: true}, ask: always}', text)


def flow(text):
    return no_question(text).replace("flow: observe", "flow: enforce")


def refusing(text):
    """What asks is refused: conditions become constraints, and what always asks is not granted."""
    text = re.sub(r'(?m)\{"\*": \{wildcard: true\}, ask: \{unless: \{(.*)\}\}\}$', r'{\1, "*": {wildcard: true}}', text)
    text = re.sub(r"(?m)^ .*ask: always\}\n", "", text)
    return re.sub(r"(?m)^(ask|on-violation): .*\n", "", text) + (
        "on-violation: {rule: deny, repeated: {denials: 1000, within: 1s, then: deny}}\n")


def main():
    all_runs = runs()
    good = sum(run.good for run in all_runs)
    wrong = sum(call[3] for run in all_runs for call in run.calls)
    origin = "of a checkout" if os.environ.get("PYTHONPATH") else importlib.metadata.version("agentdojo")
    print(f"agentdojo {origin}, suites {VERSION}: {good} good runs, "
          f"{len(all_runs) - good} bad runs with {wrong} injected writes\n")
    runs_of.head()
    for name, change in (("grants, no condition", no_question), ("the human's words, ask", lambda text: text),
                         ("the same, refusing", refusing), ("flow: a human behind content", flow),
                         ("a human for every write", always)):
        runs_of.row(name, all_runs, runs_of.judge(EXAMPLE, all_runs, change))
    if "--live" in sys.argv:
        sys.stdout.flush()
        runs_of.live(EXAMPLE, all_runs)


if __name__ == "__main__":
    main()
