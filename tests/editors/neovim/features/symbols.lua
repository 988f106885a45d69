t.open('chat/support.prompt')
vim.lsp.buf.document_symbol({ loclist = false })
local items = t.wait('the list', function()
  local list = vim.fn.getqflist()
  return #list > 0 and list
end)
local names = table.concat(
  vim.tbl_map(function(item)
    return item.text
  end, items),
  '\n'
)
for _, expected in ipairs({ 'system', 'user' }) do
  t.contains(names, expected)
end
