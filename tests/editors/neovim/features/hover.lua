t.open('chat/support.prompt')
t.cursor('{{role "system"}}', 3)
vim.lsp.buf.hover()
local window = t.wait('the window', function()
  return vim.b.lsp_floating_preview and vim.api.nvim_win_is_valid(vim.b.lsp_floating_preview) and vim.b.lsp_floating_preview
end)
t.contains(t.text(vim.api.nvim_win_get_buf(window)), 'role')
t.contains(t.text(vim.api.nvim_win_get_buf(window)), 'message')
