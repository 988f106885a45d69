--- :PromptlsPreview: the messages of a prompt in a split, following what is typed.

local compat = require('promptls.compat')
local places = require('promptls.places')
local server = require('promptls.server')

local M = {}

local DELAY = 100
local METHOD = 'promptls/preview'
local METHOD_NOT_FOUND = -32601
local namespace = vim.api.nvim_create_namespace('promptls.preview')
local group = vim.api.nvim_create_augroup('promptls.preview', {})

---@class promptls.Preview
---@field source integer the prompt's buffer
---@field buffer integer what is shown
---@field asked integer how often the server was asked; the answer to the last question counts
---@field lines promptls.PreviewLine[] where each shown line comes from
---@field map table[] which piece of a message comes from which piece of which file

---@class promptls.PreviewLine
---@field message? integer number of the message, counted from 0
---@field offset? integer where the line begins in the message's text, in code points
---@field place? { path: string?, line: integer, column: integer } where a problem is, counted from 1

---@type table<integer, promptls.Preview> by the prompt's buffer
local previews = {}

local roles = {
  system = 'PromptlsSystem',
  user = 'PromptlsUser',
  model = 'PromptlsModel',
  tool = 'PromptlsTool',
}
local origins = { default = "the frontmatter's default", generated = 'made up' }
local colours = {
  PromptlsSystem = 'Special',
  PromptlsUser = 'String',
  PromptlsModel = 'Function',
  PromptlsTool = 'Type',
  PromptlsRole = 'Title',
}

local function say(message)
  vim.notify('promptls: ' .. message, vim.log.levels.WARN)
end

local function counted(number, word)
  return ('%d %s%s'):format(number, word, number == 1 and '' or 's')
end

--- JSON's null arrives as vim.NIL.
local function value(any)
  if any ~= vim.NIL then
    return any
  end
end

--- A part that is no text, in a line.
local function described(part)
  if part.media then
    return ('[%s] %s'):format(value(part.media.contentType) or 'media', part.media.url)
  end
  local metadata = value(part.metadata)
  if metadata and metadata.pending then
    return ('[section %s] filled in by the host'):format(metadata.purpose)
  end
  return vim.json.encode(part)
end

--- The lines to show, where each comes from, and which are highlighted how.
local function render(answer, name)
  local text, lines, marks = {}, {}, {}

  local function add(line, origin, highlight)
    table.insert(text, line)
    table.insert(lines, origin or {})
    if highlight then
      table.insert(marks, { #text - 1, highlight })
    end
  end

  local tokens = value(answer.tokens) or {}
  local facts = { value(answer.model) or 'no model named', counted(#answer.messages, 'message') }
  if value(tokens.total) then
    table.insert(facts, (tokens.exact and '' or 'about ') .. counted(tokens.total, 'token'))
  end
  add(('%s: %s'):format(name, table.concat(facts, ', ')), nil, 'Comment')

  for _, problem in ipairs(value(answer.errors) or {}) do
    local place = problem.start and {
      path = value(problem.path),
      line = problem.start.line,
      column = problem.start.column,
    }
    local at = place and ('%d:%d '):format(place.line, place.column) or ''
    local message = problem.message:gsub('\n', ' ')
    local highlight = problem.severity == 'warning' and 'DiagnosticWarn' or 'DiagnosticError'
    add(at .. message, { place = place }, highlight)
  end

  for index, message in ipairs(answer.messages) do
    add('')
    local count = value(tokens.messages) and tokens.messages[index] and tokens.messages[index].tokens
    local title = ('── %s %s'):format(message.role, count and ('(%s) '):format(counted(count, 'token')) or '')
    local rule = ('─'):rep(math.max(3, 60 - vim.fn.strchars(title)))
    add(title .. rule, { message = index - 1, offset = 0 }, roles[message.role] or 'PromptlsRole')
    local offset = 0
    for _, part in ipairs(message.content) do
      if part.text then
        for _, line in ipairs(vim.split(part.text, '\n')) do
          add(line, { message = index - 1, offset = offset })
          offset = offset + vim.fn.strchars(line) + 1
        end
        offset = offset - 1
      else
        add(described(part), { message = index - 1, offset = offset }, 'Special')
      end
    end
  end

  local data = value(answer.data) or {}
  if data.values and #data.values > 0 then
    add('')
    add('── data ' .. ('─'):rep(52), nil, 'Comment')
    for _, each in ipairs(data.values) do
      local shown = vim.json.encode(each.value):gsub('\\/', '/')
      local origin = each.origin == 'file' and vim.fs.basename(value(each.path) or 'file') or origins[each.origin]
      add(('%s = %s (%s)'):format(each.name, shown, origin or each.origin), nil, 'Comment')
    end
  end
  return text, lines, marks
end

local function write(preview, text, marks)
  vim.bo[preview.buffer].modifiable = true
  vim.api.nvim_buf_set_lines(preview.buffer, 0, -1, false, text)
  vim.bo[preview.buffer].modifiable = false
  vim.api.nvim_buf_clear_namespace(preview.buffer, namespace, 0, -1)
  for _, mark in ipairs(marks) do
    vim.api.nvim_buf_set_extmark(preview.buffer, namespace, mark[1], 0, {
      end_row = mark[1] + 1,
      hl_group = mark[2],
      priority = 200,
    })
  end
end

local function path_of(bufnr)
  return vim.fs.normalize(vim.api.nvim_buf_get_name(bufnr))
end

local function is_source(preview, path)
  return not value(path) or vim.fs.normalize(path) == path_of(preview.source)
end

local function scroll(preview, line)
  local window = vim.fn.bufwinid(preview.buffer)
  if window ~= -1 and window ~= vim.api.nvim_get_current_win() then
    vim.api.nvim_win_set_cursor(window, { line, 0 })
  end
end

--- Scroll the preview to what the text under the cursor became.
local function follow(preview)
  if vim.api.nvim_get_current_buf() ~= preview.source then
    return
  end
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  local at = places.characters_before(preview.source, row - 1, column)
  local best
  for _, entry in ipairs(preview.map) do
    local from, to = entry.source.start, entry.source['end']
    local closer = not best or from > best.source.start
    if is_source(preview, entry.source.path) and from <= at and at <= to and closer then
      best = entry
    end
  end
  if not best then
    return
  end
  local into = best.literal and at - best.source.start or 0
  local offset = best.start + into
  local shown
  for number, line in ipairs(preview.lines) do
    if line.message == best.message and line.offset <= offset then
      shown = number
    end
  end
  scroll(preview, shown or 1)
end

--- Ask the server and show its answer; an answer that is overtaken by the next question is dropped.
local function refresh(preview)
  local client = server.client(preview.source)
  if not client then
    write(preview, { 'promptls is not running for this file; :checkhealth promptls says why.' }, {})
    return
  end
  preview.asked = preview.asked + 1
  local question = preview.asked
  local uri = vim.uri_from_bufnr(preview.source)
  compat.request(client, METHOD, { textDocument = { uri = uri } }, function(err, answer)
    if question ~= preview.asked or not vim.api.nvim_buf_is_valid(preview.buffer) then
      return
    end
    if err and err.code == METHOD_NOT_FOUND then
      write(preview, { 'This promptls has no preview: install a newer one.' }, {})
    elseif err then
      -- The text has moved on; the next answer is on its way.
      vim.lsp.log.info('promptls/preview', err)
    elseif value(answer) then
      local name = vim.fs.basename(vim.api.nvim_buf_get_name(preview.source))
      local text, lines, marks = render(answer, name)
      preview.lines, preview.map = lines, value(answer.map) or {}
      write(preview, text, marks)
      if answer.ok == false then
        -- What is wrong stands at the top.
        scroll(preview, 1)
      else
        follow(preview)
      end
    end
  end, preview.source)
end

--- Go to what the line under the cursor was made from.
local function jump(preview)
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  local line = preview.lines[row] or {}
  local path, find
  if line.place then
    path = line.place.path
    find = function(bufnr)
      local at = vim.api.nvim_buf_get_lines(bufnr, line.place.line - 1, line.place.line, false)[1] or ''
      return line.place.line - 1, #vim.fn.strcharpart(at, 0, line.place.column - 1)
    end
  elseif line.message then
    local offset = line.offset + vim.fn.strchars(vim.api.nvim_get_current_line():sub(1, column))
    local best
    for _, entry in ipairs(preview.map) do
      if entry.message == line.message and entry.start <= offset then
        best = entry
      end
    end
    if best then
      path = best.source.path
      local into = best.literal and offset - best.start or 0
      local target = math.min(best.source.start + into, math.max(best.source['end'] - 1, best.source.start))
      find = function(bufnr)
        return places.place_of(bufnr, target)
      end
    end
  end
  if not find then
    return
  end
  local window = vim.fn.bufwinid(preview.source)
  if window == -1 then
    return
  end
  vim.api.nvim_set_current_win(window)
  if not is_source(preview, path) then
    vim.cmd.edit(vim.fn.fnameescape(path))
  end
  local to_row, to_column = find(vim.api.nvim_get_current_buf())
  local last = vim.api.nvim_buf_line_count(0)
  vim.api.nvim_win_set_cursor(0, { math.min(to_row + 1, last), to_column })
end

--- Run a function once things have been quiet for a moment.
local function debounced(run)
  local turn = 0
  return function()
    turn = turn + 1
    local mine = turn
    vim.defer_fn(function()
      if mine == turn then
        run()
      end
    end, DELAY)
  end
end

local function listen(preview)
  local function on(events, buffer, callback)
    vim.api.nvim_create_autocmd(events, { group = group, buffer = buffer, callback = callback })
  end
  local refresh_soon = debounced(function()
    if previews[preview.source] == preview then
      refresh(preview)
    end
  end)
  on({ 'TextChanged', 'TextChangedI', 'LspAttach' }, preview.source, refresh_soon)
  on('CursorMoved', preview.source, function()
    follow(preview)
  end)
  on({ 'BufWipeout', 'BufDelete' }, preview.source, function()
    vim.schedule(function()
      M.close(preview.source)
    end)
  end)
  on('BufWipeout', preview.buffer, function()
    previews[preview.source] = nil
    pcall(vim.api.nvim_clear_autocmds, { group = group, buffer = preview.source })
  end)
end

local function map_keys(preview)
  local function key(left, run, description)
    vim.keymap.set('n', left, run, { buffer = preview.buffer, desc = description, nowait = true })
  end
  key('<CR>', function()
    jump(preview)
  end, 'go to what this line was made from')
  key('q', function()
    M.close(preview.source)
  end, 'close the preview')
end

--- Close the preview of a prompt's buffer.
---@param source integer
function M.close(source)
  local preview = previews[source]
  if preview and vim.api.nvim_buf_is_valid(preview.buffer) then
    vim.api.nvim_buf_delete(preview.buffer, { force = true })
  end
end

--- Open the preview of a prompt's buffer beside it; the cursor stays in the prompt.
---@param source integer
function M.open(source)
  if not server.client(source) then
    say('the preview needs the server, which is not running for this file. :checkhealth promptls says why.')
    return
  end
  for name, link in pairs(colours) do
    vim.api.nvim_set_hl(0, name, { link = link, default = true })
  end
  local window = vim.api.nvim_get_current_win()
  vim.cmd('rightbelow vertical new')
  local buffer = vim.api.nvim_get_current_buf()
  vim.bo.buftype, vim.bo.bufhidden, vim.bo.swapfile, vim.bo.modifiable = 'nofile', 'wipe', false, false
  pcall(vim.api.nvim_buf_set_name, buffer, 'promptls-preview://' .. vim.fn.fnamemodify(path_of(source), ':~:.'))
  vim.bo.filetype = 'markdown'
  vim.wo.wrap, vim.wo.linebreak, vim.wo.number, vim.wo.relativenumber = true, true, false, false
  vim.wo.cursorline = true
  vim.api.nvim_set_current_win(window)
  local preview = { source = source, buffer = buffer, asked = 0, lines = {}, map = {} }
  previews[source] = preview
  map_keys(preview)
  listen(preview)
  refresh(preview)
end

--- Show the preview of a prompt's buffer, or close it where it is shown.
---@param source integer
function M.toggle(source)
  if previews[source] then
    M.close(source)
  else
    M.open(source)
  end
end

return M
