if vim.b.did_ftplugin then
  return
end
vim.b.did_ftplugin = 1

vim.bo.commentstring = '{{!-- %s --}}'
vim.bo.suffixesadd = '.prompt'

local function command(name, run, description, more)
  local options = vim.tbl_extend('error', { desc = description }, more or {})
  vim.api.nvim_buf_create_user_command(0, name, run, options)
end

command('PromptlsPreview', function()
  require('promptls.preview').toggle(vim.api.nvim_get_current_buf())
end, 'show or hide what the prompt is rendered to')

command('PromptlsSimilar', function(arguments)
  require('promptls.search').similar_command(arguments)
end, 'show the prompts that say much the same; with a bang, in the quickfix list', { bang = true })

command('PromptlsOptimize', function(arguments)
  require('promptls.optimize').command(arguments)
end, 'optimise the prompt; with a strategy, or asking for one', {
  nargs = '?',
  complete = function(beginning)
    return require('promptls.optimize').complete(beginning)
  end,
})

command('PromptlsRestart', function()
  require('promptls.server').restart()
end, 'stop the server and start it again')

vim.b.undo_ftplugin = table.concat({
  'setlocal commentstring< suffixesadd<',
  'silent! delcommand -buffer PromptlsPreview',
  'silent! delcommand -buffer PromptlsSimilar',
  'silent! delcommand -buffer PromptlsOptimize',
  'silent! delcommand -buffer PromptlsRestart',
}, ' | ')
