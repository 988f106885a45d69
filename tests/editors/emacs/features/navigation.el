(t-open "partials/welcome.prompt")
(t-go "{{> partials/guardrails" 8)
(let ((found (xref-backend-definitions 'eglot (xref-backend-identifier-at-point 'eglot))))
  (t-equal (mapcar (lambda (each) (file-name-nondirectory (xref-location-group (xref-item-location each)))) found)
           '("_guardrails.prompt")))

(let ((index (prin1-to-string (eglot-imenu))))
  (t-contains index "system")
  (t-contains index "user"))
