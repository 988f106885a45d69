t.open('broken/undefined-variable.prompt')
local found = t.diagnosed()
t.equal(found, { 'variables/undefined: language' })

-- They follow the text.
local row = vim.diagnostic.get(0)[1].lnum
vim.api.nvim_buf_set_lines(0, row, row + 1, false, { 'Language: English' })
t.wait('the diagnostic to go', function()
  return #vim.diagnostic.get(0) == 0
end)
