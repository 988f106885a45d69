"""Every step of the static strategy, in the order in which they are tried."""

from __future__ import annotations

from promptls.optimize.static.inputs import fence, say_what_is_data
from promptls.optimize.static.mending import CONTRACT, ORDER, WORDING, StepMaker
from promptls.optimize.static.naming import name_sections
from promptls.optimize.static.ordering import output_together, variables_last

STEPS: tuple[StepMaker, ...] = (
    *WORDING.values(),
    name_sections,
    *ORDER.values(),
    output_together,
    *CONTRACT.values(),
    fence,
    say_what_is_data,
    variables_last,
)
