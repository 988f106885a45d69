t.open('extraction/invoice.prompt')
local prompt, window = vim.api.nvim_get_current_buf(), vim.api.nvim_get_current_win()
vim.cmd('PromptlsPreview')
t.equal(vim.api.nvim_get_current_win(), window)
t.equal(#vim.api.nvim_list_wins(), 2)
local preview = vim.fn.bufnr('promptls-preview://')
local split = vim.fn.bufwinid(preview)
t.wait('the messages', function()
  return t.text(preview):find('── user', 1, true)
end)
t.contains(t.text(preview), 'invoice.prompt: ')
t.contains(t.text(preview), '── system (')
t.contains(t.text(preview), '\n[section output] filled in by the host\n')
t.contains(t.text(preview), 'currency = "EUR" (the frontmatter\'s default)')
assert(not t.text(preview):find('{{', 1, true), t.text(preview))
assert(not vim.bo[preview].modifiable)

-- It follows the text, characters of several bytes included.
local count = vim.api.nvim_buf_line_count(prompt)
vim.api.nvim_buf_set_lines(prompt, count, count, false, { 'é 🎉🎉 {{currency}} end' })
vim.cmd('doautocmd TextChanged')
t.wait('the new line', function()
  return t.text(preview):find('é 🎉🎉 EUR end', 1, true)
end)

-- <CR> goes to the template, and the preview scrolls to what is under the cursor there.
local function enter(text, into)
  vim.api.nvim_set_current_win(split)
  t.cursor(text, into)
  vim.cmd('normal \r')
  t.equal(vim.api.nvim_get_current_win(), window)
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  return vim.api.nvim_get_current_line():sub(column + 1), row
end
t.contains(enter('é 🎉🎉 EUR end', #'é 🎉🎉 '), '{{currency}} end')
t.equal(enter('EUR end', 5), 'nd')
vim.cmd('normal! gg')
vim.cmd('doautocmd CursorMoved')
t.cursor('🎉🎉 {{currency}}')
vim.cmd('doautocmd CursorMoved')
local shown = vim.api.nvim_win_get_cursor(split)[1]
t.contains(vim.api.nvim_buf_get_lines(preview, shown - 1, shown, false)[1], '🎉🎉 EUR')

-- What the runtime would refuse is said, with its place.
vim.api.nvim_buf_set_lines(prompt, -1, -1, false, { '{{#if currency}}' })
vim.cmd('doautocmd TextChanged')
t.wait('the error', function()
  return t.text(preview):find(('\n%d:1 '):format(vim.api.nvim_buf_line_count(prompt)))
end)

-- The command closes it again; so does closing the prompt.
vim.cmd('PromptlsPreview')
t.equal(#vim.api.nvim_list_wins(), 1)
vim.cmd('PromptlsPreview')
t.equal(#vim.api.nvim_list_wins(), 2)
vim.cmd('bwipeout! ' .. prompt)
t.wait('the preview to go', function()
  return vim.fn.bufnr('promptls-preview://') == -1
end)
