t.open('broken/block-role.prompt')
t.diagnosed()
t.cursor('{{#role "system"}}', 4)
vim.lsp.buf.code_action({
  apply = true,
  filter = function(action)
    return action.isPreferred
  end,
})
t.wait('the fix', function()
  return not t.text():find('{{#role "system"}}', 1, true)
end)
t.contains(t.text(), '\n{{role "system"}}\nSummarise')

vim.lsp.buf.code_action({ apply = true, context = { only = { 'source.fixAll.promptls' }, diagnostics = {} } })
t.wait('everything to be fixed', function()
  return not t.text():find('#role', 1, true)
end)
t.wait('the diagnostics to go', function()
  return #t.findings() == 0
end)
t.contains(t.text(), '\n{{role "user"}}\n<text>')
assert(not t.text():find('{{/role}}', 1, true))
