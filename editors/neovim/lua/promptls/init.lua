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

---@param bufnr integer
local function show_lenses(bufnr)
  if vim.lsp.codelens.enable then
    vim.lsp.codelens.enable(true, { bufnr = bufnr })
    return
  end
  local function refresh()
    vim.lsp.codelens.refresh({ bufnr = bufnr })
  end
  refresh()
  local group = vim.api.nvim_create_augroup('promptls.codelens', { clear = false })
  vim.api.nvim_clear_autocmds({ group = group, buffer = bufnr })
  vim.api.nvim_create_autocmd({ 'BufEnter', 'InsertLeave', 'TextChanged' }, {
    group = group,
    buffer = bufnr,
    desc = 'promptls: keep the code lenses current',
    callback = refresh,
  })
end

--- Turn on what the options ask for and the server offers.
---@param client vim.lsp.Client
---@param bufnr integer
function M.attach(client, bufnr)
  local options = M.options()
  if options.codelens and compat.supports(client, 'textDocument/codeLens') then
    show_lenses(bufnr)
  end
  if options.inlay_hints and vim.fn.has('nvim-0.10') == 1 and compat.supports(client, 'textDocument/inlayHint') then
    vim.lsp.inlay_hint.enable(true, { bufnr = bufnr })
  end
end

return M
