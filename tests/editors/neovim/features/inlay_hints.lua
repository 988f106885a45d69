t.open('extraction/invoice.prompt')
assert(vim.lsp.inlay_hint.is_enabled({ bufnr = 0 }))
t.wait('the hints', function()
  return #vim.lsp.inlay_hint.get({ bufnr = 0 }) > 0
end)
