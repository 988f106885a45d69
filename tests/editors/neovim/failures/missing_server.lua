vim.cmd.edit('chat/support.prompt')
vim.cmd.edit('agent/travel.prompt')
vim.wait(300)
t.equal(#t.messages, 1)
t.contains(t.messages[1], 'the program "promptls" was not found')
t.contains(t.messages[1], 'pipx install promptls')
t.equal(#vim.lsp.get_clients({ _uninitialized = true }), 0)

vim.cmd('PromptlsPreview')
t.contains(t.messages[2], ':checkhealth promptls')
t.equal(#vim.api.nvim_list_wins(), 1)

vim.cmd('checkhealth promptls')
t.contains(t.text(), 'ERROR the program "promptls" was not found')
