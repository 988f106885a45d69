-- The configuration that vim.lsp.enable('promptls') reads. Change it with vim.lsp.config('promptls', { … }).

local server = require('promptls.server')

---@type vim.lsp.Config
return {
  cmd = { 'promptls', 'serve', '--stdio' },
  filetypes = { 'dotprompt' },
  root_markers = { 'promptls.toml', 'pyproject.toml', '.git' },
  before_init = server.before_init,
  on_exit = server.on_exit,
}
