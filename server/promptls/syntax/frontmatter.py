"""Where the frontmatter of a file is, and what its YAML says.

The fences follow dotprompt's parser: optional blank or `#` lines, a line `---`, YAML, a line `---`, the body. What some
runtimes refuse (a byte-order mark, leading lines, an empty frontmatter, a closing fence that ends the file) is accepted
here, since it is what the author meant; saying which runtime breaks is the business of a rule.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from promptls.syntax.handlebars.lexer import WHITESPACE
from promptls.syntax.source import Range
from promptls.syntax.yaml_nodes import YamlDocument, YamlError, YamlMapping, YamlNode, read_yaml

# Possessive, for `\r\n` can be read as one line end and as two: many of them would be tried in every combination.
_OPENING = re.compile(
    r"(?P<bom>\ufeff)?(?P<header>(?:[ \t]*+(?:#[^\r\n]*+)?(?:\r\n|\r|\n))*+)(?P<fence>---)[^\S\r\n]*(?:\r\n|\r|\n)"
)
_CLOSING = re.compile(r"(?:(?<=[\r\n])|(?<=\A))(?P<fence>---)[^\S\r\n]*(?:\r\n|\r|\n|\Z)")
# What authors and word processors write for a fence, which no runtime takes for one.
_NEAR_FENCE = re.compile(r"[ \t]*(?P<fence>-{2,}|[–—]{1,3})[^\S\r\n]*(?:\r\n|\r|\n|\Z)")
_PLAIN_KEY = re.compile(r"^(?:model|input|output|config|tools)[ \t]*:(?=[ \t\r\n])", re.MULTILINE)
_KEY_LINE = re.compile(r"[A-Za-z_][\w.-]*[ \t]*:(?:[ \t\r\n]|\Z)")
_YAML_LINE = re.compile(
    r"[ \t]+[^\r\n]*|-[ \t][^\r\n]*|#[^\r\n]*|[\]}][^\r\n]*|(?:\"[^\"\r\n]*\"|[A-Za-z_][\w.?()*, -]*):[^\r\n]*"
)
_LINE = re.compile(r"([^\r\n]*)(?:\r\n|\r|\n|\Z)")
_EDGE_BLANKS = re.compile(rf"{WHITESPACE}*")


@dataclass(frozen=True, slots=True, eq=False)
class Frontmatter:
    """The YAML head of a file.

    `range` runs from the opening fence through the closing fence's line end; `yaml_range` is what stands between.
    `close_fence` is None where it lacks; then the YAML is taken to end with the last line that can be YAML, and `range`
    takes in what stands there instead, such as `----`. `open_fence` may be such a line too.
    """

    range: Range
    open_fence: Range
    close_fence: Range | None
    yaml_range: Range
    root: YamlNode | None
    error: YamlError | None
    has_bom: bool

    @property
    def mapping(self) -> YamlMapping | None:
        """The root where it is a mapping, as it must be."""
        return self.root if isinstance(self.root, YamlMapping) else None


@dataclass(frozen=True, slots=True)
class Layout:
    """A file's frontmatter, if it has one, and the range of its template, trimmed as the runtimes trim it."""

    frontmatter: Frontmatter | None
    template_range: Range


def read_layout(text: str) -> Layout:
    """Split a file into frontmatter and template; never raises."""
    opening = _OPENING.match(text) or _near_opening(text)
    if opening is None:
        return Layout(None, Range(0, len(text)))
    yaml_start = opening.end()
    closing = _CLOSING.search(text, yaml_start)
    if closing is None and not _KEY_LINE.match(text, _skip_blank_lines(text, yaml_start)):
        return Layout(None, Range(0, len(text)))
    yaml_end = closing.start() if closing else _end_of_yaml_lines(text, yaml_start)
    end = closing or _NEAR_FENCE.match(text, yaml_end)
    body_start = end.end() if end else yaml_end
    document: YamlDocument = read_yaml(text[yaml_start:yaml_end], yaml_start)
    frontmatter = Frontmatter(
        range=Range(opening.start("fence"), body_start),
        open_fence=Range(*opening.span("fence")),
        close_fence=Range(*closing.span("fence")) if closing else None,
        yaml_range=Range(yaml_start, yaml_end),
        root=document.root,
        error=document.error,
        has_bom=text.startswith("\ufeff"),
    )
    return Layout(frontmatter, _trimmed(text, body_start))


def _near_opening(text: str) -> re.Match[str] | None:
    """A first line that was meant to be a fence: keys of dotprompt follow, and then a fence."""
    opening = _NEAR_FENCE.match(text)
    closing = _CLOSING.search(text, opening.end()) if opening and _KEY_LINE.match(text, opening.end()) else None
    return opening if opening and closing and _PLAIN_KEY.search(text, opening.end(), closing.start()) else None


def _trimmed(text: str, start: int) -> Range:
    blanks = _EDGE_BLANKS.match(text, start)
    begin = blanks.end() if blanks else start
    end = len(text)
    while end > begin and _EDGE_BLANKS.fullmatch(text[end - 1]):
        end -= 1
    return Range(begin, end)


def _skip_blank_lines(text: str, position: int) -> int:
    while position < len(text):
        line = _LINE.match(text, position)
        if line is None or line[1].strip()[:1] not in ("", "#"):
            break
        position = line.end()
    return position


def _end_of_yaml_lines(text: str, start: int) -> int:
    """The end of the last line that can belong to an unclosed frontmatter, with its line end."""
    position = end = start
    while position < len(text):
        line = _LINE.match(text, position)
        if line is None:
            break
        if line[1].strip():
            if "{{" in line[1] or _NEAR_FENCE.fullmatch(line[1]) or not _YAML_LINE.fullmatch(line[1]):
                break
            end = line.end()
        position = line.end()
    return end
