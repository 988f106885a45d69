"""Rules about how much a prompt takes and costs: too much for its model, for its budget, or for a cache of prefixes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from promptls.language.costs import LEAST_CACHEABLE, cached_tokens, cost, tokens_for
from promptls.language.files import is_partial
from promptls.language.inputs import input_defaults
from promptls.language.messages import static_prefix
from promptls.language.metadata import metadata
from promptls.language.models import model
from promptls.language.prompt import Prompt, template
from promptls.language.scope import scope
from promptls.language.tokenizers import ESTIMATE, Counter, counter
from promptls.language.tokens import default_rendering, model_id, prefix_tokens, static_texts
from promptls.lint.rule import Finding, Severity, rule
from promptls.syntax.handlebars.nodes import BlockStatement, PartialBlockStatement
from promptls.syntax.source import Range
from promptls.syntax.yaml_nodes import YamlScalar

_NEAR = 2
"""An estimate this many times off a limit decides without a vocabulary."""
_MARGIN = 1.25
"""How much more than a window an estimate has to say before it is taken for certain."""


@dataclass(frozen=True, slots=True)
class _Count:
    tokens: int
    exact: bool

    def __str__(self) -> str:
        return f"{'' if self.exact else 'about '}{self.tokens:,} tokens"


@rule("cost/over-context", Severity.ERROR, certainty="certain")
def over_context(prompt: Prompt) -> Iterator[Finding]:
    """The prompt takes more tokens than its model's context window holds.

    Every call fails, or a runtime cuts the text without a word. What counts is the prompt rendered with its own
    defaults; input comes on top. The window is that of the model catalogue or of the setting `models`. Tokens are
    counted as the model does where its tokenizer is public (OpenAI's); of other models an estimate has to be a quarter
    over the window.

    ```prompt file promptls.toml
    [models]
    "acme/tiny" = { context-window = 24 }
    "openai/gpt-4-tiny" = { context-window = 12 }
    ```

    ```prompt bad
    ---
    model: acme/tiny
    ---
    Answer the question in one sentence. Use words that a child of ten years knows, give one example from everyday life,
    and say so where you do not know the answer.
    ```

    ```prompt bad
    ---
    model: openai/gpt-4-tiny
    input:
      default:
        days: [Monday, Tuesday, Wednesday]
    ---
    {{#each days}}Plan the whole of {{this}}. {{/each}}
    ```

    ```prompt good
    ---
    model: acme/tiny
    ---
    Say hello to {{name}}.
    ```

    ```prompt good
    ---
    model: acme/a-model-of-which-nobody-knows-the-window
    ---
    Answer the question in one sentence. Use words that a child of ten years knows, give one example from everyday life,
    and say so where you do not know the answer.
    ```
    """
    known = model(prompt)
    if known is None or known.context_window is None or is_partial(prompt):
        return
    window = known.context_window
    counted = _over(prompt, window)
    if counted is not None and (counted.exact or counted.tokens > window * _MARGIN):
        yield Finding(
            range=_model_range(prompt),
            message=f"the prompt takes {counted}, and {known.name} holds {window:,}",
            help="Shorten the prompt, or choose a model with a larger context window.",
        )


@rule("cost/over-budget", Severity.WARNING, certainty="certain")
def over_budget(prompt: Prompt) -> Iterator[Finding]:
    """The prompt takes more tokens, or costs more, than the settings `max-tokens` and `max-cost` allow.

    Prompts grow by a line at a time, and nobody looks at the bill of each. What counts is the prompt rendered with its
    own defaults; the cost is that of one call's input at the list price of its model. Without these settings the rule
    says nothing, and neither does it of partials. `promptls check --max-tokens` is a gate for all prompts alike.

    ```prompt file promptls.toml
    max-tokens = 20
    max-cost = 0.00003
    ```

    ```prompt bad
    ---
    model: googleai/gemini-2.5-flash
    ---
    Answer the question in one sentence. Use words that a child of ten years knows, and give one example.
    ```

    ```prompt bad
    ---
    model: anthropic/claude-opus-4-5
    ---
    Answer the question in one sentence.
    ```

    ```prompt good
    ---
    model: openai/gpt-4.1
    ---
    Answer the question in one sentence.
    ```

    ```prompt good
    ---
    model: acme/a-model-without-a-price
    ---
    Answer the question in one sentence.
    ```
    """
    settings = prompt.settings
    if is_partial(prompt):
        return
    if settings.max_tokens is not None and (counted := _over(prompt, settings.max_tokens)):
        yield Finding(
            range=_model_range(prompt),
            message=f"the prompt takes {counted}, and max-tokens allows {settings.max_tokens:,}",
            help="Shorten it, or allow more in the settings.",
        )
    known = model(prompt)
    allowed = tokens_for(known, settings.max_cost) if settings.max_cost is not None else None
    if allowed is not None and (counted := _over(prompt, allowed)):
        price = cost(known, counted.tokens, 0).input_usd or 0.0
        yield Finding(
            range=_model_range(prompt),
            message=f"the input of a call costs ${price:.3g} ({counted}), and max-cost allows ${settings.max_cost:.3g}",
            help="Shorten it, choose a cheaper model, or allow more in the settings.",
        )


@rule("cost/cache-hostile", Severity.INFO, certainty="suggestion")
def cache_hostile(prompt: Prompt) -> Iterator[Finding]:
    """A variable stands before a long text that never changes.

    Providers such as OpenAI and Anthropic keep the beginning of a prompt that they have seen before and charge down to
    a tenth for it, from about 1,024 tokens on. Whatever comes after the first variable is new at every call. Where the
    text that never changes comes first and the variables last, the provider keeps it.

    Source: OpenAI's guide "Prompt caching" ("place static content like instructions and examples at the beginning of
    your prompt").

    ```prompt file _parts.prompt
    These are the numbers of all parts that we sell.
    QZ-7116 JG-4049 XB-6543 SS-2324 LW-1670 ZQ-3775 YS-7923 FH-4899 BF-3169 SX-2037 YQ-2665 KJ-4674 ZR-2437 JJ-7496
    JN-1707 GB-7736 BQ-9056 EB-4878 PF-1063 DX-4238 GN-1135 CG-9843 AV-2389 UT-9807 GR-2127 NJ-2530 YX-3381 FZ-1675
    BL-3446 ZL-1560 DQ-4879 FZ-9272 BP-9553 UX-2421 MF-6989 QJ-7589 GX-1300 NZ-6385 AR-2830 GK-8274 JN-2455 KM-2688
    SC-1416 NW-8022 RP-5067 UD-7963 WK-2569 NV-7110 TP-3279 XM-3802 YL-1481 BH-5308 FF-3430 AC-1997 QJ-7371 KZ-1242
    HX-9916 EP-8766 WX-2073 VB-8687 JW-4839 GT-9863 TT-7506 WG-4799 WG-9571 NB-2049 FX-1701 KB-5414 RZ-7350 YR-7471
    ZX-8284 EP-2596 BG-9108 GL-8146 WM-7900 SQ-6749 TX-7677 UK-6517 XB-5582 VH-6347 TX-2705 YJ-5375 KF-2039 RT-2450
    MD-7725 EB-5815 PR-2948 BZ-1736 NX-6422 TL-9280 HC-6073 AD-2771 VW-1514 GR-5777 VL-3559 YC-6567 LP-3266 NQ-8543
    SQ-2680 VV-5444 PK-5933 PL-9538 KW-6552 AR-6158 AQ-3183 BN-8639 MP-5569 ZT-1363 UC-1348 ML-8476 KX-6243 FP-4035
    LP-5327 KQ-2718 AX-3153 KV-4646 WL-4910 LH-8130 WF-2668 VN-6468 XK-8183 FD-6516 ZJ-8390 JK-2981 BV-4126 LX-4007
    JN-2401 VP-3124 PM-9493 JS-6674 WR-5757 PX-7709 BR-3555 GB-8820 VV-8116 TK-1529 ZS-9503 KW-6588 HD-5702 DK-1738
    BV-4251 PX-1808 AT-2979 FV-5913 HB-9601 TR-1872 VF-6592 EL-9863 RC-6764 HJ-3002 TF-3806 HL-3105 AT-7558 BL-5067
    JZ-9638 SR-1835 RN-1029 BG-1756 DC-2120 RC-2411 SV-9028 LH-6154 CP-7320 WQ-5982 ML-4130 LR-3027 EW-1057 YQ-2309
    UH-1703 MS-9869 NC-8071 BP-9128 YN-7889 YR-8550 AK-4582 TL-2172 PK-7977 EB-6334 MW-5295 DS-3017 ZV-7167 XF-6216
    UW-2689 UB-8758 EK-7368 BV-2504 UF-7156 FB-6594 DB-2885 XT-5661 UM-2454 BX-9377 SK-2748 TF-2001 TN-3956 CK-3945
    WK-8440 VQ-5143 MZ-7498 MW-7852 CQ-9197 HR-3631 PX-9472 XT-3558 WQ-3446 FF-9158 ZT-9474 QX-4049 EL-4263 EX-9447
    LK-9815 KR-5377 GM-1378 JT-7270 GH-6905 HN-8906 ER-8857 YZ-4371 QX-1454 RD-7557 ZC-8657 HK-2134 GL-4966 GL-3252
    FZ-1602 JH-1737 LH-7935 CD-2932 CL-5780 BP-8411 UN-1112 AN-6430 PQ-8960 CJ-9027 NG-9918 LF-5501 CR-2843 QV-5111
    DV-7131 XP-8379 KL-2755 LX-9784 SF-9091 SP-1975 YM-3981 WG-3934 MS-3017 DW-3316 LZ-7883 TM-4062 QT-6119 FD-2759
    YH-9898 UQ-6885 DL-5437 NC-3236 BT-9269 JK-9433 MN-7608 QW-2134 MT-2837 EL-2632 XF-2836 FJ-7826 XQ-3104 UZ-3399
    NJ-9924 SH-3930 GL-7055 KB-8288 PQ-6176 TX-6072 WT-9668 XM-8931 AZ-4120 ZB-2760 XK-9058 FV-8545 GJ-9676 GC-9199
    ```

    ```prompt bad
    ---
    model: openai/gpt-4.1
    ---
    Today is {{date}}. Answer questions about our parts.
    {{> parts}}
    {{role "user"}}
    {{question}}
    ```

    ```prompt bad
    {{#if formal}}Be formal.{{/if}}
    {{> parts}}
    Find the part that the customer means: {{question}}
    ```

    ```prompt good
    ---
    model: openai/gpt-4.1
    ---
    Answer questions about our parts.
    {{> parts}}
    {{role "user"}}
    Today is {{date}}. {{question}}
    ```

    ```prompt good
    Today is {{date}}. Find the part that the customer means among those that we sell: {{question}}
    ```
    """
    if is_partial(prompt):
        return
    texts = static_texts(prompt)
    if sum(map(_bytes, texts)) < LEAST_CACHEABLE:
        return
    known = model(prompt)
    if known is not None and known.cached_mtok is None:
        return
    tokens = _counter(prompt)
    everything = sum(map(tokens.count, texts))
    kept, possible = (cached_tokens(known, each) for each in (prefix_tokens(prompt, tokens), everything))
    if possible - kept < LEAST_CACHEABLE:
        return
    yield Finding(
        range=_first_dynamic(prompt),
        message=f"about {possible - kept:,} tokens of text that never changes stand after this, which may change",
        help="Put what never changes first and the variables last: providers charge less for a beginning they know.",
    )


def _over(prompt: Prompt, limit: float) -> _Count | None:
    """How many tokens the prompt takes, if they are more than a limit; only near it a vocabulary is loaded."""
    if not _may_exceed(prompt, limit):
        return None
    rendered = [message.text for message in default_rendering(prompt).messages]
    if sum(map(_bytes, rendered)) <= limit:
        return None
    count = _Count(sum(map(ESTIMATE.count, rendered)), False)
    if limit / _NEAR <= count.tokens <= limit * _NEAR:
        tokens = _counter(prompt)
        count = _Count(sum(map(tokens.count, rendered)), tokens.exact)
    return count if count.tokens > limit else None


def _may_exceed(prompt: Prompt, limit: float) -> bool:
    """Whether a prompt is worth rendering: no text has more tokens than bytes, and few repeat their defaults."""
    if any(not isinstance(entry.value, YamlScalar) for entry in input_defaults(prompt).values()):
        return True
    pending = list(scope(prompt).calls)
    size = _bytes(prompt.text)
    while pending and size <= limit:
        call = pending.pop()
        size += _bytes(call.prompt.text) if call.prompt is not None else 0
        pending.extend(call.calls)
    return size > limit


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _counter(prompt: Prompt) -> Counter:
    """A counter for the prompt's model; an editor's question does not wait for a vocabulary."""
    return counter(model_id(prompt), wait=not prompt.settings.in_editor)


def _model_range(prompt: Prompt) -> Range:
    """The name of the model, or else the first line."""
    named = metadata(prompt).model
    return named.range if named is not None else prompt.source.line_range(0)


def _first_dynamic(prompt: Prompt) -> Range:
    """The tag at which the static prefix ends."""
    end = static_prefix(prompt).end
    statement = next(each for each in template(prompt).program.body if each.range.end > end)
    if isinstance(statement, BlockStatement | PartialBlockStatement):
        return statement.open.range
    return statement.range


RULES = (over_context, over_budget, cache_hostile)
