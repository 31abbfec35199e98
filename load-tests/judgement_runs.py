"""What the adapters of recorded runs share: they play runs by `errand test` under changed templates, and count."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import typing

TOP = pathlib.Path(__file__).resolve().parent.parent
ERRAND = os.environ.get("ERRAND", str(TOP / "errand"))
# Plays the scenarios of a directory through a gateway.
LIVE = [os.environ.get("ERRAND_LIVE", str(TOP / "mvnw")), "-B", "-q", "-ntp", "test", "-pl", "gateway/cli", "-am",
        "-Dtest=LiveRunsIT", "-Dsurefire.failIfNoSpecifiedTests=false", "-Dspotless.check.skip=true"]
ASKED = "approval-required"
DIFFERENCE = re.compile(r"tests/run-(\d+)\.yaml:\d+:\d+: call (\d+), [^:]+:[^:]+: expected permit, was ([a-z-]+)")


class Run(typing.NamedTuple):
    """A run of a task, and whether it is good. A call is (operation, arguments, answer, whether nobody wanted it)."""
    template: str
    start: dict  # what a scenario says of the start: `parameters`, `instruction`
    calls: list
    good: bool


def scenarios(example, runs, change, folder):
    """The example after the change, with the runs as its scenarios, in the folder."""
    here = pathlib.Path(folder) / example.name
    shutil.copytree(example, here)
    shutil.rmtree(here / "tests")
    (here / "tests").mkdir()
    for template in (here / "tasks").glob("*.yaml"):
        template.write_text(change(template.read_text()))
    for number, run in enumerate(runs):
        lines = [f"template: {run.template}"]
        lines += [f"{key}: {json.dumps(value)}" for key, value in run.start.items()] + ["calls:"]
        for operation, given, result, _ in run.calls:
            lines.append("  - " + json.dumps({"call": operation, "arguments": given, "answers": result}))
        (here / "tests" / f"run-{number:04d}.yaml").write_text("\n".join(lines) + "\n")
    return here


def live(example, runs):
    """Plays all runs through a gateway, too; ends with a failure at the first call that ends otherwise."""
    with tempfile.TemporaryDirectory() as folder:
        here = scenarios(example, runs, lambda text: text, folder)
        played = subprocess.run(LIVE + [f"-Djudgement.live={here}"], cwd=TOP, stdout=sys.stderr)
        if played.returncode or not (here / "live.txt").exists():
            sys.exit("the gateway did not play the runs as `errand test` does: see above")
        print("\n" + (here / "live.txt").read_text(), end="")


def judge(example, runs, change):
    """Plays all runs under the example's templates after the change; the refusals by run and call."""
    with tempfile.TemporaryDirectory() as folder:
        here = scenarios(example, runs, change, folder)
        played = subprocess.run([ERRAND, "test", str(here)], capture_output=True, text=True)
    refused, ends = {}, 0
    for line in played.stdout.splitlines():
        found = DIFFERENCE.match(line)
        if found:
            refused.setdefault(int(found[1]), {})[int(found[2]) - 1] = found[3]
        elif re.search(r"(: good, \d+ calls?|: differs in \d+)$", line):
            ends += 1
        else:
            sys.exit("not understood: " + line)
    if ends != len(runs):
        sys.exit(f"errand test played {ends} of {len(runs)} runs: {played.stderr.strip()[:2000]}")
    return refused


def head(of_attacks=False):
    what = "refused  by question    in part    passed" if of_attacks else "refused  by question    passed"
    print(f"{'policy':<30}{'disturbed':>9}{'asked':>10}{'questions':>11}  {what}")
    print(f"{'':<30}{'good runs':>9}{'good runs':>10}{'good runs':>11}  {'attacks' if of_attacks else 'wrong writes'}")


def row(name, runs, refused, of_attacks=False):
    """Counts wrong writes, or runs with wrong writes: whether all were stopped (refused, or by a question), some, or none."""
    good = [number for number, run in enumerate(runs) if run.good]
    asked = [n for n in good if ASKED in refused.get(n, {}).values()]
    disturbed = [n for n in good if set(refused.get(n, {}).values()) - {ASKED}]
    questions = sum(list(refused.get(n, {}).values()).count(ASKED) for n in good)
    wrong = [[refused.get(number, {}).get(place) for place, call in enumerate(run.calls) if call[3]]
             for number, run in enumerate(runs)]
    wrong = [codes for codes in wrong if codes] if of_attacks else [[code] for codes in wrong for code in codes]
    passed = sum(set(codes) == {None} for codes in wrong)
    part = sum(None in codes for codes in wrong) - passed
    by_question = sum(ASKED in codes and None not in codes for codes in wrong)
    print(f"{name:<30}{len(disturbed):>{8 - len(str(len(good)))}}/{len(good)}{len(asked):>{9 - len(str(len(good)))}}/{len(good)}"
          f"{questions:>11}{len(wrong) - passed - part - by_question:>9}{by_question:>13}"
          + (f"{part:>11}" if of_attacks else "") + f"{passed:>{9 - len(str(len(wrong)))}}/{len(wrong)}")
