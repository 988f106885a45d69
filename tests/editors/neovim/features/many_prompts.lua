-- 200 prompts, opened before the server has answered: one server, and findings in whichever is shown.
local text = vim.fn.readfile('broken/block-role.prompt')
for number = 1, 200 do
  local path = ('many/%d.prompt'):format(number)
  vim.fn.mkdir('many', 'p')
  vim.fn.writefile(text, path)
  vim.cmd.edit(path)
end
t.diagnosed(90000)
for _, number in ipairs({ 1, 77, 199 }) do
  vim.cmd.buffer(('many/%d.prompt'):format(number))
  t.equal(#t.diagnosed(), 2)
end
t.equal(#vim.lsp.get_clients(), 1)
t.equal(t.messages, {})
