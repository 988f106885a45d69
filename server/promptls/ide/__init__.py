"""What an editor may ask of a prompt, in an editor's own words: offsets in, frozen dataclasses out, no protocol."""
