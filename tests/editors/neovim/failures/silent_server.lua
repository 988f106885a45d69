local server = require('promptls.server')
server.answer_timeout = 500
vim.cmd.edit('chat/support.prompt')
t.wait('the plugin to give up', function()
  return server.given_up
end)
t.equal(t.messages, {
  'promptls: the server did not answer within 0.5 seconds and was stopped. See :checkhealth promptls;'
    .. ' :PromptlsRestart tries again.',
})
t.wait('the process to be gone', function()
  return #vim.lsp.get_clients({ _uninitialized = true }) == 0
end)

-- Quitting while it is silent leaves nothing behind either.
server.answer_timeout = 60000
vim.cmd('PromptlsRestart')
t.wait('the process', function()
  return #vim.lsp.get_clients({ _uninitialized = true }) == 1
end)
