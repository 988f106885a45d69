"""The configuration of `editors/emacs.md` in Emacs."""
