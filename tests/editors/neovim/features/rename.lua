-- A parameter of a partial is renamed in the partial and wherever it is passed.
t.open('partials/_guardrails.prompt')
t.cursor('{{max_words}}', 4)
vim.lsp.buf.rename('word_limit')
t.wait('the rename', function()
  return t.text():find('{{word_limit}}', 1, true)
end)
for _, name in ipairs({ 'partials/welcome.prompt', 'partials/welcome.formal.prompt' }) do
  local bufnr = t.wait(name, function()
    local number = vim.fn.bufnr(name)
    return number ~= -1 and number
  end)
  t.contains(t.text(bufnr), ' word_limit=1')
  assert(not t.text(bufnr):find('max_words', 1, true))
end
vim.cmd('silent wall')
for _, name in ipairs({ '_guardrails.prompt', 'welcome.prompt', 'welcome.formal.prompt' }) do
  t.contains(table.concat(vim.fn.readfile('partials/' .. name), '\n'), 'word_limit')
end

-- What cannot be a name is refused, with a reason.
t.cursor('{{word_limit}}', 4)
vim.lsp.buf.rename('two words')
t.wait('the reason', function()
  return t.messages[1]
end)
assert(not t.text():find('two words', 1, true))
