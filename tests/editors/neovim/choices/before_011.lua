t.equal(vim.lsp.enable, nil)
local client = t.open('broken/block-role.prompt')
t.equal(t.diagnosed()[1], 'template/block-role: {{#role "system"}}')
vim.cmd('PromptlsRestart')
t.wait('another client', function()
  local now = vim.lsp.get_clients({ bufnr = 0, name = 'promptls' })[1]
  return now and now.id ~= client.id and now.initialized
end)
t.diagnosed()
vim.cmd('checkhealth promptls')
t.contains(t.text(), 'works, with vim.lsp.start')
