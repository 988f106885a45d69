-- Prompts of the workspace that are not open are found, chosen and opened at the match.
vim.o.columns = 160
local asked
local function choose(number)
  vim.ui.select = function(items, options, done)
    asked = { prompt = options.prompt, lines = vim.tbl_map(options.format_item, items) }
    done(items[number])
  end
end

-- Before the first prompt there is no server.
vim.cmd('PromptlsSearch customer')
t.contains(t.messages[1], 'starts with the first prompt')
t.messages = {}

t.open('languages/resumen.prompt')
choose(1)
vim.cmd('PromptlsSearch "single sign-on"')
t.wait('the prompt', function()
  return vim.api.nvim_buf_get_name(0):find('domains/saas.prompt', 1, true)
end)
t.equal(asked.prompt, 'Prompts: "single sign-on"')
t.equal(#asked.lines, 1)
t.contains(asked.lines[1], 'domains/saas.prompt')
t.contains(asked.lines[1], 'single sign-on')
local _, column = unpack(vim.api.nvim_win_get_cursor(0))
t.contains(vim.api.nvim_get_current_line():sub(column + 1, column + 6), 'single')

-- Without words it asks for them; nothing chosen, nothing opened.
choose(nil)
vim.ui.input = function(options, done)
  t.equal(options.prompt, 'Search prompts: ')
  done('tag:support')
end
asked = nil
vim.cmd('PromptlsSearch')
t.wait('the choice', function()
  return asked
end)
t.contains(asked.lines[1], 'chat/support.prompt')
t.contains(vim.api.nvim_buf_get_name(0), 'domains/saas.prompt')

-- A word that no prompt has, but one like it.
vim.cmd('PromptlsSearch suport')
t.wait('the advice', function()
  return #t.messages > 0
end)
t.contains(t.messages[1], 'Did you mean "support"?')
t.messages = {}

-- Into the quickfix list, with the place in files that are not open; text that is not saved counts.
t.open('emoji.prompt')
vim.api.nvim_buf_set_lines(0, 0, -1, false, { '---', 'model: a/b', '---', 'é🎉 Count the zebras.' })
vim.cmd('doautocmd TextChanged')
vim.wait(300)
vim.cmd('PromptlsSearch! zebras')
local item = t.wait('the quickfix list', function()
  return vim.fn.getqflist()[1]
end)
t.equal({ item.lnum, item.col }, { 4, #'é🎉 Count the ' + 1 })
t.equal(vim.fn.getqflist({ title = true }).title, 'Prompts: zebras')
t.equal(vim.bo.buftype, 'quickfix')
vim.cmd('cclose')
vim.cmd('PromptlsSearch! "single sign-on"')
t.wait('the other list', function()
  return vim.fn.getqflist({ title = true }).title == 'Prompts: "single sign-on"'
end)
vim.cmd('cclose | cfirst')
_, column = unpack(vim.api.nvim_win_get_cursor(0))
t.contains(vim.api.nvim_get_current_line():sub(column + 1, column + 6), 'single')

-- Prompts that say much the same.
local copy = vim.fn.readfile('rag/answer.prompt')
table.insert(copy, 'Answer in verse.')
vim.fn.writefile(copy, 'rag/verse.prompt')
vim.cmd('edit! rag/verse.prompt')
choose(1)
asked = nil
vim.cmd('PromptlsSimilar')
t.wait('the similar prompt', function()
  return vim.api.nvim_buf_get_name(0):find('rag/answer.prompt', 1, true)
end)
t.contains(asked.lines[1], 'rag/answer.prompt, 9')
t.contains(asked.lines[1], '% the same')
t.equal(t.messages, {})
