--- :PromptlsSearch and :PromptlsSimilar: prompts of the workspace, open or not, in a picker or in the quickfix list.

local compat = require('promptls.compat')
local places = require('promptls.places')
local server = require('promptls.server')

local M = {}

local METHOD = 'promptls/search'
local METHOD_NOT_FOUND = -32601

--- How long to wait for the server's first look at all prompts, and between the questions, in milliseconds.
local PATIENCE, AGAIN = 5000, 200

---@class promptls.Search
---@field query? string words, "phrases" and field:value, as for `promptls search`
---@field similar_to? string instead of a query: the path of the prompt that others are to be like
---@field sort? 'relevance'|'score'|'created'|'updated'
---@field limit? integer

---@class promptls.Found
---@field path string
---@field name string
---@field description string?
---@field snippet string the words around the match, in one line
---@field score integer?
---@field tokens integer?
---@field rank number relevance; with `similar_to`, how much of both texts is the same, from 0 to 1
---@field range { start: integer, ['end']: integer }? the first match in the file, in characters

local function say(message, level)
  vim.notify('promptls: ' .. message, level or vim.log.levels.WARN)
end

--- JSON's null arrives as vim.NIL.
local function value(any)
  if any ~= vim.NIL then
    return any
  end
end

--- Ask the server. Other pickers than vim.ui.select can be fed with what `done` gets.
---@param search promptls.Search
---@param done fun(found: promptls.Found[])
---@param waited? integer how long it was waited already, in milliseconds
function M.find(search, done, waited)
  waited = waited or 0
  local client = server.client()
  if not client then
    say('searching needs the server, which starts with the first prompt that you open.')
    return
  end
  local params = {
    query = search.query,
    similarTo = search.similar_to and vim.uri_from_fname(search.similar_to),
    sort = search.sort,
    limit = search.limit,
  }
  compat.request(client, METHOD, params, function(err, answer)
    if err then
      say(err.code == METHOD_NOT_FOUND and 'this server cannot search: install a newer one.' or err.message)
      return
    end
    if answer.complete == false and waited < PATIENCE then
      vim.defer_fn(function()
        M.find(search, done, waited + AGAIN)
      end, AGAIN)
      return
    end
    if answer.complete == false then
      say('not all prompts are indexed yet: there may be more.', vim.log.levels.INFO)
    end
    for _, note in ipairs(answer.notes) do
      say(note, vim.log.levels.INFO)
    end
    for _, found in ipairs(answer.results) do
      found.path = vim.uri_to_fname(found.uri)
      found.snippet = vim.trim(found.snippet:gsub('%s+', ' '))
      for _, field in ipairs({ 'description', 'score', 'tokens', 'range', 'variant' }) do
        found[field] = value(found[field])
      end
    end
    if #answer.results > 0 then
      done(answer.results)
    elseif value(answer.suggestion) then
      say(('no prompt has these words. Did you mean "%s"?'):format(answer.suggestion))
    else
      say(search.similar_to and 'no prompt is much like this one.' or 'no prompt has these words.')
    end
  end)
end

--- A found prompt in one line.
---@param found promptls.Found
---@param alike boolean whether it was looked for by its likeness
function M.line(found, alike)
  local facts = { vim.fn.fnamemodify(found.path, ':~:.') }
  if alike then
    table.insert(facts, ('%d %% the same'):format(found.rank * 100 + 0.5))
  end
  if found.score then
    table.insert(facts, ('score %d'):format(found.score))
  end
  local line = ('%s: %s'):format(table.concat(facts, ', '), found.snippet)
  return vim.fn.strcharpart(line, 0, math.max(vim.o.columns - 8, 40))
end

--- Open a found prompt at its match.
---@param found promptls.Found
function M.open(found)
  vim.cmd.edit(vim.fn.fnameescape(found.path))
  if found.range then
    local row, column = places.place_of(vim.api.nvim_get_current_buf(), found.range.start)
    vim.api.nvim_win_set_cursor(0, { row + 1, column })
    vim.cmd('normal! zv')
  end
end

local function title(search)
  return search.similar_to and 'Similar prompts' or ('Prompts: %s'):format(search.query)
end

--- Let the person choose with vim.ui.select, which picker plugins take over, and open what they choose.
---@param search promptls.Search
function M.pick(search)
  M.find(search, function(found)
    vim.ui.select(found, {
      prompt = title(search),
      kind = 'promptls.prompt',
      format_item = function(each)
        return M.line(each, search.similar_to ~= nil)
      end,
    }, function(chosen)
      if chosen then
        M.open(chosen)
      end
    end)
  end)
end

--- Put what is found into the quickfix list and show it.
---@param search promptls.Search
function M.quickfix(search)
  M.find(search, function(found)
    local items = vim.tbl_map(function(each)
      local row, column = 0, 0
      if each.range then
        local bufnr = vim.fn.bufnr(each.path)
        if bufnr ~= -1 and vim.api.nvim_buf_is_loaded(bufnr) then
          row, column = places.place_of(bufnr, each.range.start)
        else
          row, column = places.place_in_file(each.path, each.range.start)
        end
      end
      return { filename = each.path, lnum = row + 1, col = column + 1, text = each.snippet }
    end, found)
    vim.fn.setqflist({}, ' ', { title = title(search), items = items })
    vim.cmd('botright copen')
  end)
end

--- :PromptlsSearch, which asks for the words where it is given none. With a bang, into the quickfix list.
function M.search_command(command)
  local show = command.bang and M.quickfix or M.pick
  if command.args ~= '' then
    show({ query = command.args })
    return
  end
  vim.ui.input({ prompt = 'Search prompts: ' }, function(query)
    if query and query ~= '' then
      show({ query = query })
    end
  end)
end

--- :PromptlsSimilar. With a bang, into the quickfix list.
function M.similar_command(command)
  local show = command.bang and M.quickfix or M.pick
  show({ similar_to = vim.api.nvim_buf_get_name(0) })
end

return M
