;; A parameter of a partial is renamed in the partial and wherever it is passed.
(t-open "partials/_guardrails.prompt")
(t-go "{{max_words}}" 4)
(eglot-rename "word_limit")
(t-contains (buffer-string) "{{word_limit}}")
(dolist (name '("partials/welcome.prompt" "partials/welcome.formal.prompt"))
  (with-current-buffer (find-file-noselect (expand-file-name name (getenv "SAMPLES")))
    (t-contains (buffer-string) " word_limit=1")
    (t-equal (string-search "max_words" (buffer-string)) nil)))
