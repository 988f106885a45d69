vim.cmd('helptags ALL')
for _, tag in ipairs({ 'promptls', 'promptls-install', ':PromptlsPreview', ':PromptlsRestart', 'g:promptls' }) do
  vim.cmd.help(tag)
  t.equal(vim.fs.basename(vim.api.nvim_buf_get_name(0)), 'promptls.txt')
  vim.cmd.helpclose()
end
