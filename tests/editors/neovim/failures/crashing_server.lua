local server = require('promptls.server')
server.pauses = { 50, 100, 200 }
vim.cmd.edit('chat/support.prompt')
local reason = t.wait('the plugin to give up', function()
  return server.given_up
end)
t.equal(reason, 'the server stopped 4 times (last with exit code 1) and is not started again.')
t.contains(t.messages[#t.messages], ':PromptlsRestart tries again')

-- Another file does not begin it all again; asking for it does.
local told = #t.messages
vim.cmd.edit('agent/travel.prompt')
vim.wait(300)
t.equal(#t.messages, told)
vim.cmd('PromptlsRestart')
t.wait('another start', function()
  return #t.messages > told
end)

t.wait('the plugin to give up again', function()
  return server.given_up
end)
vim.cmd('checkhealth promptls')
t.contains(t.text(), 'failed with exit code 1: ModuleNotFoundError: promptls')
