"""`editors/neovim` in Neovim."""
