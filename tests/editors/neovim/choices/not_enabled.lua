vim.cmd.edit('broken/block-role.prompt')
t.equal(vim.bo.filetype, 'dotprompt')
vim.wait(500)
t.equal(#vim.lsp.get_clients({ _uninitialized = true }), 0)

-- Calling it oneself works, and keeps the rest of the choice.
vim.lsp.enable('promptls')
t.diagnosed()
assert(not vim.lsp.inlay_hint.is_enabled({ bufnr = 0 }))
t.equal(t.messages, {})
