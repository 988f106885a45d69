-- The prompt is optimised by one command; undo takes it back. Without a model the server says what to set.
t.open('broken/block-role.prompt')
t.diagnosed()
local before = t.text()
local function told(part)
  return t.wait(part, function()
    for _, message in ipairs(t.messages) do
      if message:find(part, 1, true) then
        return message
      end
    end
  end)
end
vim.lsp.handlers['window/showMessage'] = function(_, result)
  table.insert(t.messages, result.message)
end

vim.cmd('PromptlsOptimize static')
t.contains(told('The prompt was optimised'), 'tokens')
t.contains(t.text(), '\n{{role "system"}}\n')
assert(not t.text():find('{{/role}}', 1, true))
vim.cmd('undo')
t.equal(t.text(), before)

-- Without a strategy it asks.
local asked
vim.ui.select = function(items, options, done)
  asked = vim.tbl_map(options.format_item, items)
  done('quick')
end
vim.cmd('PromptlsOptimize')
t.contains(told('There is no model to ask'), 'llm.model')
t.contains(asked[1], 'static')
t.equal(t.text(), before)

t.equal(vim.fn.getcompletion('PromptlsOptimize w', 'cmdline'), { 'wizard' })

-- The steps are code actions of their own, each an edit of the version it was made from.
local titles
vim.ui.select = function(items, options, done)
  titles = vim.tbl_map(options.format_item, items)
  for number, item in ipairs(items) do
    if titles[number] == 'Optimise statically' then
      done(item, number)
    end
  end
end
vim.lsp.buf.code_action({ context = { only = { 'refactor.rewrite' }, diagnostics = {} } })
t.wait('the edit of the action', function()
  return not t.text():find('{{/role}}', 1, true)
end)
assert(#titles >= 4, vim.inspect(titles))
