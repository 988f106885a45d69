-- Runs the script named by $SCRIPT once Neovim is up, and quits; an error in it is printed and makes the exit code 1.
-- What scripts use is in the global table `t`.

t = {}

---@type string[] what a person was told
t.messages = {}
vim.notify = function(message)
  table.insert(t.messages, message)
end

local function run()
  local ok, message = xpcall(dofile, debug.traceback, vim.env.SCRIPT)
  if ok then
    vim.cmd('qall!')
  end
  io.stderr:write(message .. '\nmessages: ' .. vim.inspect(t.messages) .. '\n')
  vim.cmd('cquit 1')
end

vim.api.nvim_create_autocmd('VimEnter', { once = true, callback = vim.schedule_wrap(run) })

--- Wait until a function gives something, and give that.
function t.wait(what, find, timeout)
  local found
  vim.wait(timeout or 10000, function()
    found = find()
    return found
  end, 20)
  return found or error('waited in vain for ' .. what, 2)
end

function t.equal(actual, expected)
  if not vim.deep_equal(actual, expected) then
    error(('expected %s\nbut got %s'):format(vim.inspect(expected), vim.inspect(actual)), 2)
  end
end

function t.contains(text, part)
  if not text:find(part, 1, true) then
    error(('expected to find %q in\n%s'):format(part, text), 2)
  end
end

--- Open a sample and wait for the server.
---@return vim.lsp.Client
function t.open(path)
  vim.cmd.edit(path)
  return t.wait('the server', function()
    local client = vim.lsp.get_clients({ bufnr = 0, name = 'promptls' })[1]
    return client and client.initialized and client
  end)
end

--- The text of a buffer.
function t.text(bufnr)
  return table.concat(vim.api.nvim_buf_get_lines(bufnr or 0, 0, -1, false), '\n')
end

--- Put the cursor on the first place of a text in the buffer, `into` bytes behind its beginning.
function t.cursor(text, into)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    local from = line:find(text, 1, true)
    if from then
      vim.api.nvim_win_set_cursor(0, { number, from - 1 + (into or 0) })
      return
    end
  end
  error(('%q is not in the buffer'):format(text), 2)
end

--- Ask the server about the place under the cursor, and give its answer.
function t.ask(method, more)
  local client = vim.lsp.get_clients({ bufnr = 0, name = 'promptls' })[1]
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  -- With 0 for the buffer, Neovim would not send the pending changes first.
  local bufnr = vim.api.nvim_get_current_buf()
  local answer, problem = client:request_sync(method, vim.tbl_extend('force', params, more or {}), 10000, bufnr)
  if not answer or answer.err then
    error(('%s: %s'):format(method, problem or vim.inspect(answer.err)), 2)
  end
  return answer.result
end

--- What is wrong in the buffer; not the suggestions, of which there may be any number.
function t.findings(bufnr)
  return vim.diagnostic.get(bufnr or 0, { severity = { min = vim.diagnostic.severity.WARN } })
end

--- The findings of the buffer as "rule: the text that is underlined".
function t.diagnostics(bufnr)
  bufnr = bufnr or 0
  return vim.tbl_map(function(each)
    local text = vim.api.nvim_buf_get_text(bufnr, each.lnum, each.col, each.end_lnum, each.end_col, {})
    return ('%s: %s'):format(each.code, table.concat(text, '\n'))
  end, t.findings(bufnr))
end

--- Wait until the buffer has findings.
function t.diagnosed(timeout)
  return t.wait('findings', function()
    local found = t.diagnostics()
    return #found > 0 and found
  end, timeout)
end
