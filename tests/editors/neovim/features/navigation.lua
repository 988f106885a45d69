-- From where a partial is included to the partial, and back to everyone who includes it.
t.open('partials/welcome.prompt')
t.cursor('{{> partials/guardrails', 8)
vim.lsp.buf.definition()
t.wait('the partial', function()
  return vim.fs.basename(vim.api.nvim_buf_get_name(0)) == '_guardrails.prompt'
end)

t.open('partials/_guardrails.prompt')
t.cursor('{{max_words}}', 4)
vim.lsp.buf.references()
local places = t.wait('the list', function()
  local list = vim.fn.getqflist()
  return #list > 0 and list
end)
local names = {}
for _, place in ipairs(places) do
  names[vim.fs.basename(vim.api.nvim_buf_get_name(place.bufnr))] = true
end
t.equal(names, {
  ['_guardrails.prompt'] = true,
  ['welcome.prompt'] = true,
  ['welcome.formal.prompt'] = true,
})
