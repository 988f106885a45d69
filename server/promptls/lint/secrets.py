"""Secrets in a line of text: detect-secrets' patterns and a few that it lacks.

Nothing is ever sent anywhere: only the patterns of detect-secrets' plugins are used, never their `verify`, which asks
the provider. Importing them takes 0.1 s, so it waits until a line holds a word that could be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any, NamedTuple

from promptls.syntax.source import Range, Source


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret stands, what it is, and as much of it as may be shown (a provider's public prefix, or nothing)."""

    range: Range
    kind: str
    shown: str


class _Pattern(NamedTuple):
    kind: str
    expression: re.Pattern[str]


_PREFIXES = (
    *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
    *("glpat-", "gldt-", "glft-", "glsoat-", "glrt-", "glcbt-", "glimt-", "glptt-", "glagent-", "gloas-", "GR1348941"),
    *("A3T", "ABIA", "ACCA", "AKIA", "ASIA", "AIza", "GOCSPX-", "ya29."),
    *("sk-ant-", "sk-proj-", "sk-svcacct-", "sk-admin-", "sk-or-v1-", "sk-", "gsk_", "xai-", "pplx-", "hf_", "r8_"),
    *("sk_live_", "rk_live_", "sq0csp-", "xoxa-", "xoxb-", "xoxp-", "xoxo-", "xoxs-", "xoxr-", "xapp-"),
    *("npm_", "pypi-", "SG.", "eyJ"),
)
_SHORTEST = 20
_LONGEST_LINE = 4_000
_PREFIX = re.compile("|".join(sorted(map(re.escape, _PREFIXES), key=len, reverse=True)))
_CANDIDATE = re.compile(
    rf"""(?<![A-Za-z0-9])(?:{_PREFIX.pattern})[\w.-]{{10}}"""
    r"""|://[^\s/@:]{0,100}:[^\s@]{1,200}@|hooks\.slack\.com/services/|AccountKey=|[0-9a-z]{32}-us[0-9]
    |\b(?:AC|SK)[a-z0-9]{32}|\b[0-9]{8,10}:[\w-]{35}|\b[MNO][\w-]{23,25}\.[\w-]{6}\.|["'`][\w+/=.~-]{20,}["'`]""",
    re.VERBOSE,
)
_BREAK = r"(?:\s|\\[nr])"
_PRIVATE_KEY = re.compile(
    rf"-----BEGIN (?P<type>(?:[A-Z0-9]+ ){{0,3}}PRIVATE KEY(?: BLOCK)?)-----{_BREAK}*"
    rf"(?:[\w-]+:[ ][^\r\n]*{_BREAK}+)*(?=[A-Za-z0-9+/=]{{32}})(?:[A-Za-z0-9+/=]{{16,}}{_BREAK}+)*"
    rf"[A-Za-z0-9+/=]{{4,}}(?:{_BREAK}*-----END (?P=type)-----)?"
)

_DETECTORS = (
    ("aws", "AWSKeyDetector", "AWS access key"),
    ("azure_storage_key", "AzureStorageKeyDetector", "Azure storage key"),
    ("basic_auth", "BasicAuthDetector", "URL password"),
    ("discord", "DiscordBotTokenDetector", "Discord bot token"),
    ("github_token", "GitHubTokenDetector", "GitHub token"),
    ("gitlab_token", "GitLabTokenDetector", "GitLab token"),
    ("jwt", "JwtTokenDetector", "JSON web token"),
    ("mailchimp", "MailchimpDetector", "Mailchimp key"),
    ("openai", "OpenAIDetector", "OpenAI API key"),
    ("pypi_token", "PypiTokenDetector", "PyPI token"),
    ("sendgrid", "SendGridDetector", "SendGrid API key"),
    ("slack", "SlackDetector", "Slack token"),
    ("square_oauth", "SquareOAuthDetector", "Square secret"),
    ("stripe", "StripeDetector", "Stripe key"),
    ("telegram_token", "TelegramBotTokenDetector", "Telegram bot token"),
    ("twilio", "TwilioKeyDetector", "Twilio key"),
)
"""Module, class and what we call it.

Left out are those that fire on prose (keywords, IP addresses, short words), and npm's, which takes quadratic time.
"""

_FURTHER = (
    _Pattern("Anthropic API key", re.compile(r"sk-ant-[A-Za-z0-9_-]{32,}")),
    _Pattern("DeepSeek API key", re.compile(r"sk-[0-9a-f]{32}")),
    _Pattern("GitHub token", re.compile(r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}")),
    _Pattern("Google API key", re.compile(r"AIza[A-Za-z0-9_-]{35}")),
    _Pattern("Google client secret", re.compile(r"GOCSPX-[A-Za-z0-9_-]{28}")),
    _Pattern("Google access token", re.compile(r"ya29\.[A-Za-z0-9_-]{30,}")),
    _Pattern("Groq API key", re.compile(r"gsk_[A-Za-z0-9]{52}")),
    _Pattern("Hugging Face token", re.compile(r"hf_[A-Za-z0-9]{34}")),
    _Pattern("npm token", re.compile(r"npm_[A-Za-z0-9]{36}")),
    _Pattern("OpenAI API key", re.compile(r"sk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{40,}")),
    _Pattern("OpenRouter API key", re.compile(r"sk-or-v1-[0-9a-f]{64}")),
    _Pattern("Perplexity API key", re.compile(r"pplx-[A-Za-z0-9]{48}")),
    _Pattern("Replicate token", re.compile(r"r8_[A-Za-z0-9]{37}")),
    _Pattern("Slack token", re.compile(r"xapp-[0-9]-[A-Z0-9]+-[0-9]+-[a-z0-9]+")),
    _Pattern("xAI API key", re.compile(r"xai-[A-Za-z0-9]{80}")),
)
_ASSIGNMENT = re.compile(
    r"""(?P<name>[\w-]{0,20}(?:api[_-]?key|secret|token|passw(?:or)?d|passphrase|credentials?|private[_-]?key|access[_-]?key)
    [\w-]{0,20})["'`]?[ \t]*(?:=>|:=|[:=])[ \t]*(?P<quote>["'`])(?P<value>[\w+/=.~-]{20,})(?P=quote)""",
    re.IGNORECASE | re.VERBOSE,
)
_PLACEHOLDER = re.compile(
    r"example|placeholder|redacted|changeme|dummy|sample|your|insert|x{4}|0{6}|\.{3}|\*{3}|123456|abcdef", re.IGNORECASE
)
_EXAMPLE_HOST = re.compile(
    r"(?:localhost|127\.0\.0\.1|host(?:name)?|(?:[\w-]+\.)*example(?:\.\w+)?)(?![\w.-])", re.IGNORECASE
)
_END_OF_SECRET = re.compile(r"""[\s"'`<>(){}\[\],;]""")
_NAME_OF_KEY = "AccountKey="
_TOKEN_TAIL = re.compile(r"[A-Za-z0-9_=-]*")


def secrets(source: Source) -> Iterator[Secret]:
    """The secrets of a text: private keys, each as a whole, and then the others in source order."""
    text = source.text
    if "PRIVATE KEY-----" in text:
        for match in _PRIVATE_KEY.finditer(text):
            yield Secret(Range(*match.span()), "private key", "")
    if not _may_hold_secret(text):
        return
    for line in range(source.line_count):
        for start, end in _pieces(text, source.line_range(line)):
            if _may_hold_secret(piece := text[start:end]):
                for found in _in_line(piece):
                    yield Secret(Range(start + found.range.start, start + found.range.end), found.kind, found.shown)


def _pieces(text: str, line: Range) -> Iterator[Range]:
    """A line, cut at blanks where it is so long that a pattern's time could grow faster than the line."""
    start, end = line
    while end - start > _LONGEST_LINE:
        blank = text.rfind(" ", start, start + _LONGEST_LINE)
        cut = blank + 1 if blank >= start else start + _LONGEST_LINE
        yield Range(start, cut)
        start = cut
    if start < end:
        yield Range(start, end)


def is_literal(value: str) -> bool:
    """Whether the value of a setting that should hold a secret is the secret itself.

    It is not where it names a variable (`{{key}}`, `${KEY}`, `$KEY`, `env:KEY`, `GEMINI_API_KEY`) or marks a place.
    """
    names_a_variable = value.startswith(("{", "$", "<", "%", "env:", "process.env")) or re.fullmatch(
        r"[A-Z][A-Z0-9_]*", value
    )
    return bool(value) and not names_a_variable and not _PLACEHOLDER.search(value)


def shown(secret: str) -> str:
    """The public prefix of a secret, which names its provider and gives nothing away; empty where it has none."""
    match = _PREFIX.match(secret)
    return f"{match.group()}…" if match else ""


def _may_hold_secret(text: str) -> bool:
    return any(len(word) >= _SHORTEST and _CANDIDATE.search(word) for word in text.split())


@lru_cache(maxsize=256)
def _in_line(line: str) -> tuple[Secret, ...]:
    """The secrets of one line; remembered, since an editor asks again at every key."""
    found: list[Secret] = []
    for secret in sorted(_all_in(line), key=lambda each: (each.range.start, -each.range.end)):
        if not found or secret.range.start >= found[-1].range.end:
            found.append(secret)
    return tuple(found)


def _all_in(line: str) -> Iterator[Secret]:
    for kind, expression in (*_detectors(), *_FURTHER):
        for match in expression.finditer(line):
            span = _span(line, match, kind)
            if span is not None and _is_plausible(line, span, kind):
                yield Secret(span, kind, shown(line[span.start : span.end]))
    for match in _ASSIGNMENT.finditer(line):
        if _is_random(match["value"]):
            yield Secret(Range(*match.span("value")), f"value of {match['name']}", "")


@lru_cache(maxsize=1)
def _detectors() -> tuple[_Pattern, ...]:
    patterns: list[_Pattern] = []
    for module, name, kind in _DETECTORS:
        detector: Any = getattr(import_module(f"detect_secrets.plugins.{module}"), name)()
        patterns += (_Pattern(kind, expression) for expression in detector.denylist)
    return tuple(patterns)


def _span(line: str, match: re.Match[str], kind: str) -> Range | None:
    """The secret itself: the pattern's group where that is what the pattern leads up to, else all of the match.

    None where it is only a piece of a longer run of letters and digits, such as an encoded picture.
    """
    start, end = match.span()
    if match.lastindex and match.end(1) >= end - 1:
        start, end = match.span(1)
    start += len(_NAME_OF_KEY) if line.startswith(_NAME_OF_KEY, start) else 0
    if cut := _END_OF_SECRET.search(line, start, end):
        end = cut.start()
    if kind == "JSON web token":
        tail = _TOKEN_TAIL.match(line, end)
        end = tail.end() if tail else end
        end -= line[start:end].endswith(".")
    is_piece = line[start - 1 : start].isalnum() or line[end : end + 1].isalnum()
    return None if is_piece or end <= start else Range(start, end)


def _is_plausible(line: str, span: Range, kind: str) -> bool:
    secret = line[span.start : span.end]
    if kind == "URL password":
        return _is_password(secret, line[span.end + 1 :])
    if kind == "JSON web token":
        from detect_secrets.plugins.jwt import JwtTokenDetector

        return bool(JwtTokenDetector.is_formally_valid(secret))
    return len(set(secret)) >= 8 and not _PLACEHOLDER.search(secret)


def _is_password(secret: str, host: str) -> bool:
    """Whether what stands between `://user:` and `@host` is a password and not the word for one."""
    if len(secret) < 6 or _EXAMPLE_HOST.match(host):
        return False
    return is_literal(secret) and not secret.isalpha()


def _is_random(value: str) -> bool:
    """Whether a quoted value beside a word such as `password` is random enough to be one."""
    from detect_secrets.filters.heuristic import is_potential_uuid, is_sequential_string
    from detect_secrets.plugins.high_entropy_strings import Base64HighEntropyString, HexHighEntropyString

    if _PLACEHOLDER.search(value) or is_potential_uuid(value) or is_sequential_string(value):
        return False
    if re.fullmatch(r"[0-9a-fA-F]{32,}", value):
        return bool(HexHighEntropyString().calculate_shannon_entropy(value) > 3)
    mixed = re.search(r"[0-9]", value) and re.search(r"[A-Za-z]", value)
    return bool(mixed and Base64HighEntropyString().calculate_shannon_entropy(value) > 4)
