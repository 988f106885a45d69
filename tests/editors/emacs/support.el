;;; What scripts use.  -*- lexical-binding: t -*-

(package-initialize)
(require 'eglot)
(load (getenv "CONFIGURATION"))

(defun t-wait (what found)
  "Wait until FOUND gives something, and give that."
  (let ((deadline (+ (float-time) 15)) result)
    (while (not (setq result (funcall found)))
      (when (> (float-time) deadline) (error "Waited in vain for %s" what))
      (accept-process-output nil 0.05))
    result))

(defun t-equal (actual expected)
  (unless (equal actual expected) (error "Expected %S\nbut got %S" expected actual)))

(defun t-contains (text part)
  (unless (string-search part text) (error "Expected to find %S in\n%s" part text)))

(defun t-open (path)
  "Open a sample as a person would, and wait for the server."
  (find-file path)
  ;; Eglot connects once the first command is over, which in a batch never comes.
  (run-hooks 'post-command-hook)
  (t-wait "the server" #'eglot-current-server))

(defun t-findings ()
  "What is wrong in the buffer; not the suggestions, of which there may be any number."
  (seq-remove (lambda (each) (eq (flymake-diagnostic-type each) 'eglot-note)) (flymake-diagnostics)))

(defun t-diagnosed ()
  "Wait for findings; give the underlined text of each."
  (mapcar (lambda (each) (buffer-substring-no-properties (flymake-diagnostic-beg each) (flymake-diagnostic-end each)))
          (t-wait "findings" #'t-findings)))

(defun t-go (text &optional into)
  "Go INTO characters behind the beginning of the first TEXT in the buffer."
  (goto-char (point-min))
  (search-forward text)
  (goto-char (+ (match-beginning 0) (or into 0))))

(defun t-typed (text)
  "Insert TEXT; in a batch nothing is ever idle, which is when Eglot tells the server."
  (insert text)
  (eglot--signal-textDocument/didChange))

;; Questions that a person would be asked get the first answer.
(fset 'y-or-n-p #'always)
(fset 'yes-or-no-p #'always)
