vim.cmd.edit('chat/support.prompt')
t.equal(vim.bo.filetype, 'dotprompt')
t.equal(vim.bo.commentstring, '{{!-- %s --}}')
t.equal(vim.bo.suffixesadd, '.prompt')
t.equal(vim.fn.exists(':PromptlsPreview'), 2)

-- gcc comments a line out, and in again.
t.cursor('{{role "system"}}')
vim.cmd('normal gcc')
t.equal(vim.api.nvim_get_current_line(), '{{!-- {{role "system"}} --}}')
vim.cmd('normal gcc')
t.equal(vim.api.nvim_get_current_line(), '{{role "system"}}')

-- Commands belong to buffers of prompts alone.
vim.cmd.edit('README.md')
t.equal(vim.fn.exists(':PromptlsPreview'), 0)
t.equal(vim.bo.filetype, 'markdown')
