"""How often each rule was broken."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import TextIO

from promptls.cli.results import FileResult


def report_statistics(results: Iterable[FileResult], out: TextIO, format: str) -> None:
    """Write the rules with findings, most frequent first, as a table or as JSON."""
    counts: Counter[str] = Counter()
    fixable: Counter[str] = Counter()
    for result in results:
        for finding in result.findings:
            counts[finding.rule] += 1
            fixable[finding.rule] += finding.fix is not None and finding.fix.safe
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    if format == "json":
        rules = [{"rule": rule, "count": count, "fixable": fixable[rule]} for rule, count in ranked]
        json.dump({"version": 1, "statistics": rules}, out, indent=2)
        out.write("\n")
        return
    width = len(str(ranked[0][1])) if ranked else 0
    for rule, count in ranked:
        note = f" ({fixable[rule]} can be mended with --fix)" if fixable[rule] else ""
        out.write(f"{count:>{width}}  {rule}{note}\n")
