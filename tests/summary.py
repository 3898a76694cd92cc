#!/usr/bin/env python3
"""Adds up test results: tests/summary.py (FOLDER | NAME=passed|failed|skipped)...

A FOLDER holds CTest's ctest.xml and, under cases/, one file of GoogleTest's for each of its programs. A CTest entry
counts as the cases of its file; without a file (it is no GoogleTest program, or it died) it counts as one.
The last line is "N passed, M failed, K skipped"; ends with 1 when anything failed.
"""

import sys
import xml.etree.ElementTree as xml
from collections import Counter
from pathlib import Path


def cases_of(program: Path):
    """(name, outcome) of each case in one GoogleTest file."""
    for case in xml.parse(program).iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        if case.find("failure") is not None:
            yield name, "failed"
        elif case.get("result") == "skipped" or case.get("status") == "notrun":
            yield name, "skipped"
        else:
            yield name, "passed"


def results_of(folder: Path):
    """(name, outcome) of everything that ran in one build folder."""
    if not (folder / "ctest.xml").is_file():
        yield str(folder), "failed"
        return
    for entry in xml.parse(folder / "ctest.xml").iter("testcase"):
        name = entry.get("name")
        status = {"run": "passed", "fail": "failed"}.get(entry.get("status"), "skipped")
        program = folder / "cases" / f"{name}.xml"
        cases = list(cases_of(program)) if program.is_file() else []
        died = status == "failed" and all(outcome != "failed" for _, outcome in cases)
        yield from ((f"{folder.parent.name}/{name}: {case}", outcome) for case, outcome in cases)
        if died or not cases:
            yield f"{folder.parent.name}/{name}", status


def main(arguments):
    results = []
    for argument in arguments:
        name, equals, outcome = argument.partition("=")
        results += [(name, outcome)] if equals else results_of(Path(argument))
    for name, outcome in results:
        if outcome == "failed":
            print(f"failed: {name}")
    counts = Counter(outcome for _, outcome in results)
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
