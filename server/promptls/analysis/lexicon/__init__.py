"""Word lists, as typed data: `en.py` and `es.py` hold the words, `lexicon.py` says what each list is for."""
