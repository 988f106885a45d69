(t-open "broken/undefined-variable.prompt")
(t-equal major-mode 'dotprompt-mode)
(t-equal (t-diagnosed) '("language"))
(t-contains (flymake-diagnostic-text (car (t-findings))) "variables/undefined")

;; Characters of two UTF-16 units do not move what is underlined.
(goto-char (point-max))
(t-typed "\n🎉🎉 予約 {{prenom}} 🎉\n")
(t-wait "the new diagnostic" (lambda () (member "prenom" (t-diagnosed))))
