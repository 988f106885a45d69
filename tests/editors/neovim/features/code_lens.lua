-- Score, tokens and cost stand in the text, follow it, and lead to the explanation and the preview.

local client = t.open('chat/support.prompt')

--- The lenses that are shown, as "line: title".
local function shown()
  local found = {}
  for name, namespace in pairs(vim.api.nvim_get_namespaces()) do
    if name:find('codelens', 1, true) then
      for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })) do
        local details = mark[4]
        local chunks = details.virt_text or (details.virt_lines and details.virt_lines[1]) or {}
        for _, chunk in ipairs(chunks) do
          table.insert(found, ('%d: %s'):format(mark[2] + 1, chunk[1]))
        end
      end
    end
  end
  return found
end

local function see(pattern)
  local found
  vim.wait(10000, function()
    for _, lens in ipairs(shown()) do
      found = found or (lens:find(pattern) and lens)
    end
    return found
  end, 20)
  return found or error(('%s is not among %s'):format(pattern, vim.inspect(shown())), 2)
end

see('^1: Score %d+ %(%l+ %d+%)$')
see('^1: %A*[%d,]+ tokens %+ 2 variables · %$0%.')
see('^19: system · %A*[%d,]+ tokens$')
local before = see('^%d+: user · %A*%d+ tokens %+ {{order}} %+ {{message}}$')

-- They follow the text.
vim.api.nvim_buf_set_lines(0, -2, -2, false, { 'Answer the customer, and say what happens next.' })
vim.cmd('doautocmd TextChanged')
t.wait('other figures than ' .. before, function()
  for _, lens in ipairs(shown()) do
    if lens:find('user ·', 1, true) and lens ~= before then
      return true
    end
  end
end)

-- A click explains the score, on a page of its own.
vim.api.nvim_win_set_cursor(0, { 1, 0 })
local score = t.wait('the lens of the score', function()
  for _, lens in ipairs(vim.lsp.codelens.get(0)) do
    if lens.command and lens.command.command == 'promptls.explainScore' then
      return lens
    end
  end
end)
client:exec_cmd(score.command, { bufnr = vim.api.nvim_get_current_buf() })
t.wait('the explanation', function()
  return t.text():find('# Score of support', 1, true)
end)
t.contains(t.text(), '## Specificity: ')

-- The same in short, where the lens stands.
t.open('chat/support.prompt')
vim.api.nvim_win_set_cursor(0, { 1, 0 })
t.contains(vim.inspect(t.ask('textDocument/hover')), 'Score ')
