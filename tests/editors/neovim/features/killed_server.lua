local server = require('promptls.server')
server.pauses = { 100, 100, 100 }
local before = t.open('broken/block-role.prompt')
t.diagnosed()
vim.fn.system({ 'pkill', '-KILL', '-P', tostring(vim.fn.getpid()), '-f', 'promptls serve' })
local after = t.wait('another server', function()
  local client = vim.lsp.get_clients({ bufnr = 0, name = 'promptls' })[1]
  return client and client.id ~= before.id and client.initialized and client
end)
t.equal(vim.tbl_count(after.attached_buffers), 1)
t.diagnosed()
t.equal(server.given_up, nil)
