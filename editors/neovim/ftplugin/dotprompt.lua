if vim.b.did_ftplugin then
  return
end
vim.b.did_ftplugin = 1

vim.bo.commentstring = '{{!-- %s --}}'
vim.bo.suffixesadd = '.prompt'

local function command(name, run, description)
  vim.api.nvim_buf_create_user_command(0, name, run, { desc = description })
end

command('PromptlsPreview', function()
  require('promptls.preview').toggle(vim.api.nvim_get_current_buf())
end, 'show or hide what the prompt is rendered to')

command('PromptlsRestart', function()
  require('promptls.server').restart()
end, 'stop the server and start it again')

vim.b.undo_ftplugin = table.concat({
  'setlocal commentstring< suffixesadd<',
  'silent! delcommand -buffer PromptlsPreview',
  'silent! delcommand -buffer PromptlsRestart',
}, ' | ')
