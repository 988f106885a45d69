-- Lenses are asked for, shown, and asked for again when the text changes. The server here is one that offers some.
local asked = 0
local answers = {
  initialize = { capabilities = { codeLensProvider = {}, textDocumentSync = 1 } },
}

local function lenses()
  asked = asked + 1
  local place = { line = 0, character = 0 }
  return { { range = { start = place, ['end'] = place }, command = { title = asked .. ' tokens', command = 'x' } } }
end

vim.lsp.config('promptls', {
  cmd = function()
    local closing = false
    return {
      request = function(method, _, answer)
        answer(nil, method == 'textDocument/codeLens' and lenses() or answers[method])
        return true, 1
      end,
      notify = function()
        return true
      end,
      is_closing = function()
        return closing
      end,
      terminate = function()
        closing = true
      end,
    }
  end,
})
t.open('chat/support.prompt')

local function shown()
  for name, namespace in pairs(vim.api.nvim_get_namespaces()) do
    if name:find('codelens', 1, true) then
      local marks = vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })
      if #marks > 0 then
        return vim.inspect(marks)
      end
    end
  end
end

t.contains(t.wait('a lens', shown), ' tokens')
local before = asked
vim.cmd('doautocmd TextChanged')
t.wait('the next lens', function()
  return shown() and shown():find(('"%d tokens"'):format(before + 1), 1, true)
end)
