-- Positions after characters of 2, 3 and 4 bytes, some of them two UTF-16 units.
local client = t.open('languages/yoyaku.prompt')
t.equal(client.offset_encoding, 'utf-8')
local count = vim.api.nvim_buf_line_count(0)
vim.api.nvim_buf_set_lines(0, count, count, false, { 'é 予約 🎉🎉 {{prenom}} 🎉' })
t.wait('the diagnostic', function()
  return vim.tbl_contains(t.diagnostics(), 'variables/undefined: prenom')
end)
t.cursor('{{prenom}}', 4)
local before = vim.api.nvim_get_current_line()
local actions = t.ask('textDocument/codeAction', {
  range = vim.lsp.util.make_range_params(0, client.offset_encoding).range,
  context = { diagnostics = {} },
})
assert(#actions > 0, 'no code action')
t.equal(vim.api.nvim_get_current_line(), before)
