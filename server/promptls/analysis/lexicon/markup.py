"""Names of XML-like tags, by what the tag is for."""

from promptls.analysis.lexicon.lexicon import word_set

VOID_ELEMENTS = word_set(
    """
    area base br col embed hr img input li link meta p param source td th tr track wbr
    """
)
"""HTML's elements that need no closing tag."""

CONTAINERS = word_set(
    """
    answer article assistant background constraints context contexto conversation data datos document documento
    documents ejemplo ejemplos entrada example examples format formato guidelines history input instrucciones
    instruction instructions output output_format persona pregunta prompt query question reasoning reglas
    requirements response respuesta role rules salida scratchpad source sources steps summary system tarea task
    text texto thinking thought transcript user
    """
)
"""Names whose only sensible use in a prompt is to enclose something."""

DATA_TAGS = word_set(
    """
    answer article conversación conversation data datos dialog dialogue document documento documentos documents
    ejemplo ejemplos email entrada example examples historial history input log logs message messages output
    passage pregunta query question reasoning response respuesta review salida sample samples source sources
    text texto thinking thought transcript user_input user_query
    """
)
"""Tags whose content is something to work on or to look like, not an instruction."""
PROMPT_TAGS = word_set("prompt system_prompt user_prompt original_prompt current_prompt old_prompt prompt_template")
"""Tags around a prompt: one that is worked on, where words come before it, and otherwise the prompt itself."""
