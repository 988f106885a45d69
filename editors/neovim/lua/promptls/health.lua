--- :checkhealth promptls

local compat = require('promptls.compat')
local health = vim.health
local M = {}

local start = health.start or health.report_start
local ok = health.ok or health.report_ok
local info = health.info or health.report_info
local warn = health.warn or health.report_warn
local err = health.error or health.report_error

local TIMEOUT = 10000

---@return integer code, string output what the program printed, on either stream
local function run(command)
  if vim.system then
    local done, result = pcall(function()
      return vim.system(command, { text = true, timeout = TIMEOUT }):wait()
    end)
    if not done then
      return -1, tostring(result)
    end
    return result.code, vim.trim((result.stdout or '') .. (result.stderr or ''))
  end
  local output = vim.fn.system(command)
  return vim.v.shell_error, vim.trim(output)
end

--- The interpreter in a launcher's first line; Windows' launchers are binary and have none.
---@return string?
local function interpreter(launcher)
  local read, lines = pcall(vim.fn.readfile, launcher, '', 1)
  return read and lines[1] and lines[1]:match('^#!%s*(%S*python%S*)') or nil
end

local function check_neovim()
  start('Neovim')
  local version = vim.split(vim.fn.execute('version'), '\n', { trimempty = true })[1]
  if vim.lsp.enable then
    ok(version)
  else
    warn(version .. ' works, with vim.lsp.start', { 'Neovim 0.11 is what this plugin is tested with' })
  end
  local filetype = vim.filetype.match({ filename = 'name.prompt' })
  if filetype == 'dotprompt' then
    ok('.prompt files have the filetype dotprompt')
  else
    warn(('.prompt files have the filetype %s, for which the server is not started'):format(filetype or '(none)'), {
      "Remove the setting that gives it to them, or add it to the server's:",
      ("vim.lsp.config('promptls', { filetypes = { 'dotprompt', '%s' } })"):format(filetype or 'text'),
    })
  end
end

local function check_program()
  start('Server')
  local command = require('promptls.server').config().cmd
  if type(command) ~= 'table' then
    info('cmd is a function')
    return
  end
  local program = vim.fn.exepath(command[1])
  if program == '' then
    err(('the program "%s" was not found'):format(command[1]), {
      'Install it: pipx install promptls (or: uv tool install promptls), then start Neovim anew',
      "Or say where it is: vim.lsp.config('promptls', { cmd = { '/path/to/promptls', 'serve', '--stdio' } })",
    })
    return
  end
  ok('executable: ' .. program)
  local code, output = run({ program, '--version' })
  if code == 0 then
    ok('version: ' .. output)
  else
    local lines = vim.split(output, '\n')
    err(('"%s --version" failed with exit code %d: %s'):format(program, code, lines[#lines]), {
      'Install it again: pipx reinstall promptls (or: uv tool install --force promptls)',
      'It needs Python 3.11 or newer',
    })
  end
  local python = interpreter(program)
  if python then
    local python_code, python_version = run({ python, '--version' })
    if python_code == 0 then
      ok(('%s: %s'):format(python_version, python))
    else
      err(('its Python, %s, does not run'):format(python), { 'Install promptls again' })
    end
  end
end

local function check_clients()
  start('Clients')
  local given_up = require('promptls.server').given_up
  if given_up then
    err(given_up, { ':PromptlsRestart tries again', 'The log: ' .. vim.lsp.get_log_path() })
  end
  local clients = compat.clients()
  for _, client in ipairs(clients) do
    local buffers = vim.tbl_count(client.attached_buffers or {})
    ok(
      ('client %d: %s, root %s, %d buffer%s, positions in %s'):format(
        client.id,
        client.initialized and 'running' or 'starting',
        client.config.root_dir or '(none)',
        buffers,
        buffers == 1 and '' or 's',
        client.offset_encoding or '?'
      )
    )
  end
  if #clients == 0 and not given_up then
    info('no client is running; one starts with the first .prompt file')
  end
end

function M.check()
  check_neovim()
  check_program()
  check_clients()
end

return M
