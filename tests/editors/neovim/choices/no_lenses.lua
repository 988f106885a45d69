-- Who wants no lenses can have the tokens beside the roles.

t.open('chat/support.prompt')
local labels = t.wait('the hints', function()
  local found = vim.tbl_map(function(each)
    return each.inlay_hint.label
  end, vim.lsp.inlay_hint.get({ bufnr = 0 }))
  return #found > 0 and table.concat(found, '\n')
end)
t.contains(labels, ' tokens')
for name, namespace in pairs(vim.api.nvim_get_namespaces()) do
  if name:find('codelens', 1, true) then
    t.equal(vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, {}), {})
  end
end
