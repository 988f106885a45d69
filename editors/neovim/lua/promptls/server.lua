--- The server's process: missing, slow to answer, crashing.

local compat = require('promptls.compat')

local M = {
  --- How long the server may take to answer `initialize`, in milliseconds.
  answer_timeout = 15000,
  --- Pauses before each new start after a crash, in milliseconds; after the last one it stays down.
  pauses = { 1000, 5000, 20000 },
  --- A crash that long ago, in milliseconds, is forgotten.
  memory = 180000,
  --- Why the server is not started again, until :PromptlsRestart.
  ---@type string?
  given_up = nil,
}

---@type integer[] when it crashed, by the monotonic clock
local crashes = {}

local function say(message, level)
  vim.notify('promptls: ' .. message, level or vim.log.levels.WARN)
end

local function give_up(reason, advice)
  M.given_up = reason
  if vim.lsp.enable then
    vim.lsp.enable('promptls', false)
  end
  say(reason .. ' ' .. advice, vim.log.levels.ERROR)
end

--- The configuration in effect.
---@return table
function M.config()
  if vim.lsp.config then
    return vim.lsp.config.promptls
  end
  local file = vim.api.nvim_get_runtime_file('lsp/promptls.lua', false)[1]
  return vim.tbl_deep_extend('force', dofile(file), require('promptls').options().config or {})
end

--- The client that answers: for a buffer, or any.
---@param bufnr? integer
---@return vim.lsp.Client?
function M.client(bufnr)
  for _, client in ipairs(compat.clients(bufnr)) do
    if client.initialized ~= false then
      return client
    end
  end
end

--- Whether the program can be started; says once what to do about it where it cannot.
---@return boolean
function M.is_installed()
  local command = M.config().cmd
  local program = type(command) == 'table' and command[1]
  if not program or vim.fn.executable(program) == 1 then
    return true
  end
  vim.notify_once(
    ('promptls: the program "%s" was not found. Install it with "pipx install promptls" and start Neovim anew,'):format(
      program
    ) .. ' or say where it is; see :help promptls-install.',
    vim.log.levels.WARN
  )
  return false
end

--- Start the server for a buffer, or attach the one that runs. For Neovim without vim.lsp.enable.
---@param bufnr integer
function M.start_for(bufnr)
  if M.given_up or not M.is_installed() then
    return
  end
  local config = M.config()
  local folder = vim.fs.dirname(vim.api.nvim_buf_get_name(bufnr))
  local marker = vim.fs.find(config.root_markers, { path = folder, upward = true })[1]
  config.name = 'promptls'
  config.root_dir = marker and vim.fs.dirname(marker) or nil
  vim.lsp.start(config, { bufnr = bufnr })
end

--- Start the server for a file of test cases, where a prompt stands beside it or it names one.
---@param bufnr integer
function M.start_for_tests(bufnr)
  local name = vim.api.nvim_buf_get_name(bufnr)
  local beside = name:gsub('%.test%.ya?ml$', '.prompt')
  local names_one = false
  for _, line in ipairs(vim.api.nvim_buf_get_lines(bufnr, 0, 20, false)) do
    names_one = names_one or line:match('^prompt:%s*%S') ~= nil
  end
  if names_one or vim.fn.filereadable(beside) == 1 then
    M.start_for(bufnr)
  end
end

--- Start the server for every buffer that wants it.
local function start()
  if vim.lsp.enable then
    vim.lsp.enable('promptls')
    return
  end
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    if vim.bo[bufnr].filetype == 'dotprompt' then
      M.start_for(bufnr)
    end
  end
end

--- Stop the server, whatever state it is in, and start it again.
function M.restart()
  M.given_up = nil
  crashes = {}
  for _, client in ipairs(compat.clients()) do
    compat.stop(client)
  end
  local function gone()
    return #compat.clients() == 0
  end
  if not vim.wait(2000, gone, 20) then
    for _, client in ipairs(compat.clients()) do
      compat.stop(client, true)
    end
    vim.wait(1000, gone, 20)
  end
  start()
end

--- `before_init` of the configuration: see to it that a server that never answers does not go unnoticed.
function M.before_init()
  local waiting = {}
  for _, client in ipairs(compat.clients()) do
    waiting[client.id] = not client.initialized or nil
  end
  vim.defer_fn(function()
    local silent = vim.tbl_filter(function(client)
      return waiting[client.id] and not client.initialized
    end, compat.clients())
    for _, client in ipairs(silent) do
      compat.stop(client, true)
    end
    if #silent > 0 then
      give_up(
        ('the server did not answer within %g seconds and was stopped.'):format(M.answer_timeout / 1000),
        'See :checkhealth promptls; :PromptlsRestart tries again.'
      )
    end
  end, M.answer_timeout)
end

--- `on_exit` of the configuration: start a server that crashed again, a few times.
function M.on_exit(code, signal)
  local terminated = signal == 15
  if (code == 0 and signal == 0) or terminated then
    return
  end
  -- A moment later, so that the last word is not Neovim's own message of the exit code.
  vim.defer_fn(function()
    if vim.v.exiting ~= vim.NIL or M.given_up then
      return
    end
    local now = vim.loop.now()
    crashes = vim.tbl_filter(function(time)
      return now - time < M.memory
    end, crashes)
    table.insert(crashes, now)
    local pause = M.pauses[#crashes]
    if pause then
      vim.defer_fn(start, pause)
    else
      give_up(
        ('the server stopped %d times (last with exit code %d) and is not started again.'):format(#crashes, code),
        'See :checkhealth promptls; :PromptlsRestart tries again.'
      )
    end
  end, 20)
end

return M
