--- What a buffer gets once the server has answered.

local compat = require('promptls.compat')

local M = {}

---@class promptls.Options
---@field enable boolean start the server for every dotprompt buffer
---@field codelens boolean show code lenses and keep them current
---@field inlay_hints boolean show inlay hints
---@field config? table the server's configuration in Neovim before 0.11, which has no vim.lsp.config
local defaults = { enable = true, codelens = true, inlay_hints = true }

--- The options of `vim.g.promptls` over the defaults.
---@return promptls.Options
function M.options()
  return vim.tbl_extend('force', defaults, vim.g.promptls or {})
end

--- Do something on events of a buffer, instead of what was done on them for an earlier client.
local function on(events, bufnr, name, callback)
  local group = vim.api.nvim_create_augroup('promptls.' .. name, { clear = false })
  vim.api.nvim_clear_autocmds({ group = group, buffer = bufnr })
  vim.api.nvim_create_autocmd(events, { group = group, buffer = bufnr, callback = callback })
end

local function show_lenses(bufnr)
  if vim.lsp.codelens.enable then
    vim.lsp.codelens.enable(true, { bufnr = bufnr })
    return
  end
  local function refresh()
    vim.lsp.codelens.refresh({ bufnr = bufnr })
  end
  refresh()
  on({ 'BufEnter', 'InsertLeave', 'TextChanged' }, bufnr, 'codelens', refresh)
end

--- Neovim asks for the diagnostics of visible buffers only, and forgets to when a hidden one is shown.
local function diagnose_when_shown(client, bufnr)
  on('BufWinEnter', bufnr, 'diagnostics', function()
    if vim.lsp.get_client_by_id(client.id) then
      local params = { textDocument = { uri = vim.uri_from_bufnr(bufnr) } }
      compat.request(client, 'textDocument/diagnostic', params, nil, bufnr)
    end
  end)
end

--- Turn on what the options ask for and the server offers.
---@param client vim.lsp.Client
---@param bufnr integer
function M.attach(client, bufnr)
  local options = M.options()
  if compat.supports(client, 'textDocument/diagnostic') then
    diagnose_when_shown(client, bufnr)
  end
  if options.codelens and compat.supports(client, 'textDocument/codeLens') then
    show_lenses(bufnr)
  end
  if options.inlay_hints and vim.fn.has('nvim-0.10') == 1 and compat.supports(client, 'textDocument/inlayHint') then
    vim.lsp.inlay_hint.enable(true, { bufnr = bufnr })
  end
end

return M
