"""Personal data in text: e-mail addresses, telephone numbers, payment cards, national ids and bank accounts.

Only what can be told from its form alone, and never what documentation uses in its place: the domains of RFC 2606, the
telephone numbers that are set aside for fiction, the card and account numbers of the issuers' own examples.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from promptls.syntax.source import Range


class PersonalData(NamedTuple):
    """A place that holds personal data, and what kind of it."""

    kind: str
    range: Range


def personal_data(text: str) -> Iterator[PersonalData]:
    """Every piece of personal data in a text, kind by kind, none inside another."""
    taken: list[Range] = []
    numbered = [Range(*match.span()) for match in _NUMBERED_LINE.finditer(text)]
    for kind, sign, pattern, is_real in _KINDS:
        if sign not in text:
            continue
        for stretch in [Range(0, len(text))] if sign == "@" else numbered:
            for match in pattern.finditer(text, *stretch):
                place = Range(*match.span("value"))
                if is_real(match) and not any(each.start < place.end and place.start < each.end for each in taken):
                    taken.append(place)
                    yield PersonalData(kind, place)


# Every kind but addresses has a number of some length in it, and stands on one line.
_NUMBERED_LINE = re.compile(r"^[^\n\d]*+(?:\d(?!(?:[ .()-]{0,2}\d){6})[^\n\d]*+)*+\d[^\n]*+", re.M)
_EMAIL = re.compile(
    r"(?<![\w.+%/:@-])(?P<value>(?P<local>[A-Za-z0-9][\w.+%-]{0,63})@(?P<domain>[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}))"
    r"(?![\w@/:])"
)
# Words of a domain that stands for any domain (RFC 2606 keeps the first few free for this).
_ANY_DOMAIN = re.compile(
    r"(?:\.|\A)(?:example|test|invalid|localhost|local|internal|lan)(?:\.|\Z)"
    r"|example|ejemplo|beispiel|(?:\A|[.-])(?:my|your|tu|su|the|some|a)-?(?:company|domain|site|app|email|empresa|dominio)"
    r"|\A(?:company|domain|dominio|empresa|email|mail|site|sample|dummy|fake|foo|bar|acme|contoso|fabrikam|northwind|initech"
    r"|globex|abc|xyz|host|server|provider|corp|organization|organisation|org|business|client|customer|store|shop|bank"
    r"|demo|placeholder)\.[a-z.]+\Z",
    re.I,
)
# Mailboxes of an office and not of a person, and people who do not exist.
_NOBODY = re.compile(
    r"(?:info|contact|contacto|support|soporte|help|ayuda|sales|ventas|admin|administrator|webmaster|postmaster|abuse|hello"
    r"|hola|office|oficina|team|equipo|press|prensa|legal|privacy|privacidad|security|billing|facturacion|jobs|careers|hr"
    r"|rrhh|marketing|feedback|news|newsletter|noreply|no-reply|donotreply|do-not-reply|service|services|orders|pedidos"
    r"|notifications?|alerts?|bot|system|api|dev|root|mail|email|user|usuario|username|name|nombre|your|you|me|someone"
    r"|somebody|alguien|nobody|anyone|person|persona|client|cliente|customer|employee|empleado|recipient|sender|foo|bar|baz|test|tester|demo"
    r"|sample|abc|xyz|git|u|x|y|a|b)(?:[._+-]?(?:name|nombre|email|mail|user|test|example|id|\d{1,4}))*"
    r"|(?:your|tu|first|last|my|full)[._-]?\w*"
    r"|(?:john|jane|juan|juana|max|erika|j)[._-]?(?:doe|smith|q|public|perez|pérez|mustermann)\d*",
    re.I,
)
_FILE_ENDING = re.compile(
    r"\.(?:png|jpe?g|gif|svg|webp|avif|ico|css|js|mjs|ts|tsx|json|ya?ml|md|py|rb|go|rs|java|txt|html?|tgz|zip|prompt)\Z",
    re.I,
)
_TOP_LEVEL = re.compile(r"\.[A-Za-z]{2,24}\Z")


def _is_mailbox(match: re.Match[str]) -> bool:
    domain = match["domain"]
    if not _TOP_LEVEL.search(domain) or _FILE_ENDING.search(domain) or ".." in match["local"]:
        return False
    return not _ANY_DOMAIN.search(domain) and not _NOBODY.fullmatch(match["local"].rstrip("."))


_CARD = re.compile(
    r"(?<![\w.,+-])(?P<value>[3-6]\d{3}(?P<gap>[ -]?)\d{4,6}(?P=gap)\d{4,5}(?:(?P=gap)\d{1,7})?)(?![\w-])"
)
# Test numbers that the issuers and payment providers publish; all but their first digits repeat or count.
_TEST_CARDS = frozenset(
    {
        "4012888888881881",
        "4222222222222",
        "5105105105105100",
        "2223003122003222",
        "378282246310005",
        "371449635398431",
        "378734493671000",
        "6011111111111117",
        "6011000990139424",
        "3530111333300000",
        "3566002020360505",
        "30569309025904",
        "38520000023237",
        "5610591081018250",
        "6304000000000000",
        "4917610000000000",
        "4000056655665556",
        "5200828282828210",
        "6011981111111113",
        "3056930009020004",
        "36227206271667",
    }
)
_CARD_BEFORE = re.compile(r"card|tarjeta|visa|amex|american express", re.I)
_NEAR = 60
_ISSUERS = re.compile(r"4|5[1-5]|2[2-7]|3[47]|3[0689]|6011|65|64[4-9]|62|35(?:2[89]|[3-8])")


def _is_card(match: re.Match[str]) -> bool:
    digits = _digits(match["value"])
    if not 13 <= len(digits) <= 19 or not _ISSUERS.match(digits) or digits in _TEST_CARDS or _is_made_up(digits):
        return False
    if not match["gap"] and not _CARD_BEFORE.search(match.string, max(0, match.start() - _NEAR), match.start()):
        # One long number in ten passes the check below.
        return False
    doubled = (int(digit) * (2 if index % 2 else 1) for index, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


_IBAN = re.compile(r"(?<!\w)(?P<value>[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?)(?!\w)")
# The example of each country in the registry of IBANs, and those of widely copied documentation.
_EXAMPLE_IBANS = frozenset(
    {
        "GB29NWBK60161331926819",
        "GB82WEST12345698765432",
        "GB33BUKB20201555555555",
        "DE89370400440532013000",
        "DE75512108001245126199",
        "ES9121000418450200051332",
        "ES7921000813610123456789",
        "FR1420041010050500013M02606",
        "FR7630006000011234567890189",
        "IT60X0542811101000000123456",
        "NL91ABNA0417164300",
        "BE68539007547034",
        "PT50000201231234567890154",
        "CH9300762011623852957",
        "AT611904300234573201",
        "IE29AIBK93115212345678",
    }
)


def _is_iban(match: re.Match[str]) -> bool:
    value = match["value"].replace(" ", "")
    if not 15 <= len(value) <= 34 or value in _EXAMPLE_IBANS or _is_made_up(_digits(value[4:])):
        return False
    return int("".join(str(int(char, 36)) for char in value[4:] + value[:4])) % 97 == 1


_SOCIAL_SECURITY = re.compile(
    r"(?<![\w.+-])(?P<value>(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4})(?![\w-]|\.\d)",
)
# Printed on a sample card, hence used by thousands (the Social Security Administration's own account of it).
_KNOWN_SAMPLES = frozenset({"078051120", "219099999", "457555462"})


def _is_social_security(match: re.Match[str]) -> bool:
    digits = _digits(match["value"])
    return digits not in _KNOWN_SAMPLES and not _is_made_up(digits)


_SPANISH_ID = re.compile(
    r"(?<![\w.-])(?P<value>(?P<number>[XYZ]-?\d{7}|\d{8}|\d\d\.\d{3}\.\d{3})-?(?P<letter>[A-Z]))(?![\w-])"
)
_CONTROL_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_FIRST_LETTERS = str.maketrans("XYZ", "012")


def _is_spanish_id(match: re.Match[str]) -> bool:
    number = _digits(match["number"].translate(_FIRST_LETTERS))
    return not _is_made_up(number) and _CONTROL_LETTERS[int(number) % 23] == match["letter"]


_INTERNATIONAL_PHONE = re.compile(r"(?<![\w+/.])(?P<value>\+[1-9](?:[ .()-]{0,2}\d){8,14})(?![\w-])")
_AMERICAN_PHONE = re.compile(
    r"(?<![\w+/.-])(?P<value>(?:\([2-9]\d{2}\) ?|[2-9]\d{2}(?P<gap>[-.]))"
    r"[2-9]\d{2}(?(gap)(?P=gap)|[-. ])\d{4})(?![\w-])"
)
_NAMED_PHONE = re.compile(
    r"(?i:\b(?:tel|tlf|tfno|phone|mobile|cell|teléfono|telefono|móvil|movil|fax)\b\.?[ :#]{1,3})"
    r"(?P<value>[06-9]\d(?:[ .-]?\d){7,9})(?![\w-])"
)
# Ranges that the regulators of the United Kingdom set aside for drama.
_FICTIONAL = re.compile(r"(?:44)?0?(?:7700900|2079460|1632960|1144960|1134960|1174960|1214960|8081570|909879|3069990)")


def _is_phone(match: re.Match[str]) -> bool:
    digits = _digits(match["value"])
    if not 9 <= len(digits) <= 15 or _is_made_up(digits) or _FICTIONAL.match(digits):
        return False
    american = digits[1:] if digits.startswith("1") and len(digits) == 11 else digits
    return "555" not in (american[:3], american[3:6], american[-7:-4])


def _digits(value: str) -> str:
    return re.sub(r"\D", "", value)


def _is_made_up(digits: str) -> bool:
    """Whether digits only count up or down, or repeat, as nobody's do."""
    return len(set(digits)) <= 3 or any(run in _COUNTING for run in _runs(digits)) or bool(_REPEATED.search(digits))


_COUNTING = "0123456789012345 9876543210987654"
_REPEATED = re.compile(r"(\d)\1{4}|(\d\d\d)\2\2|(\d\d\d\d)\3\3")


def _runs(digits: str) -> Iterator[str]:
    """Each stretch of five digits."""
    return (digits[start : start + 5] for start in range(len(digits) - 4))


_Kind = tuple[str, str, re.Pattern[str], Callable[[re.Match[str]], bool]]
_KINDS: tuple[_Kind, ...] = (
    ("an e-mail address", "@", _EMAIL, _is_mailbox),
    ("a payment card number", "", _CARD, _is_card),
    ("a bank account number (IBAN)", "", _IBAN, _is_iban),
    ("a US Social Security number", "-", _SOCIAL_SECURITY, _is_social_security),
    ("a Spanish identity number", "", _SPANISH_ID, _is_spanish_id),
    ("a telephone number", "+", _INTERNATIONAL_PHONE, _is_phone),
    ("a telephone number", "", _AMERICAN_PHONE, _is_phone),
    ("a telephone number", "", _NAMED_PHONE, _is_phone),
)
