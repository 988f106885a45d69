t.open('broken/undefined-variable.prompt')
local found = t.diagnosed()
t.equal(found, { 'variables/undefined: language' })

-- They follow the text.
local row = t.findings()[1].lnum
vim.api.nvim_buf_set_lines(0, row, row + 1, false, { 'Language: English' })
t.wait('the diagnostic to go', function()
  return #t.findings() == 0
end)
