"""Data as YAML text, in the style in which people write frontmatter."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import yaml

from promptls.ide.edits import Refused
from promptls.syntax.yaml_nodes import TooLargeError, read_yaml, to_data


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, and refers to nothing by anchors."""

    def ignore_aliases(self, data: object) -> bool:
        return True


class _QuotingDumper(_Dumper):
    """Puts every text in double quotes, for those that YAML's versions would read differently."""


def _block_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


def _quoted_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')


_Dumper.add_representer(str, _block_text)
_QuotingDumper.add_representer(str, _quoted_text)


def block(data: Mapping[str, Any], newline: str = "\n", indent: str = "") -> str:
    """A mapping as lines, without the last line end; every line but the first is indented."""
    lines = _dumped(data, flow=False).rstrip("\n").split("\n")
    return (newline + indent).join(lines).replace(newline + indent + newline, newline + newline)


def flow(data: Mapping[str, Any]) -> str:
    """The entries of a mapping on one line, without the braces around them."""
    return _dumped(data, flow=True).strip()[1:-1]


def _dumped(data: Mapping[str, Any], *, flow: bool) -> str:
    for dumper in (_Dumper, _QuotingDumper):
        text: str = yaml.dump(
            dict(data), Dumper=dumper, default_flow_style=flow, sort_keys=False, allow_unicode=True, width=math.inf
        )
        document = read_yaml(text)
        try:
            if document.error is None and to_data(document.root) == data:
                return text
        except TooLargeError:
            break
    raise Refused("YAML cannot hold this text.")
