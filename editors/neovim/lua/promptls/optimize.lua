--- :PromptlsOptimize: have the server optimise the prompt. It says itself what came of it.

local compat = require('promptls.compat')
local server = require('promptls.server')

local M = {}

M.strategies = { 'static', 'quick', 'wizard', 'examples' }
local summaries = {
  static = 'what rules ask for, without a model',
  quick = 'a model finds what is wrong and rewrites it',
  wizard = 'a search, decided by test cases',
  examples = 'add examples, from test cases or from a model',
}

---@param bufnr integer
---@param strategy string
function M.optimize(bufnr, strategy)
  local client = server.client(bufnr)
  if not client then
    vim.notify('promptls: the server is not running. Try :PromptlsRestart.', vim.log.levels.WARN)
    return
  end
  local asked = { strategy = strategy, version = vim.lsp.util.buf_versions[bufnr] }
  local params = { command = 'promptls.optimize', arguments = { vim.uri_from_bufnr(bufnr), asked } }
  compat.request(client, 'workspace/executeCommand', params, function(problem)
    if problem then
      vim.notify('promptls: ' .. problem.message, vim.log.levels.WARN)
    end
  end, bufnr)
end

--- The command: with a strategy, or asking for one.
function M.command(arguments)
  local bufnr = vim.api.nvim_get_current_buf()
  if arguments.args ~= '' then
    M.optimize(bufnr, arguments.args)
    return
  end
  vim.ui.select(M.strategies, {
    prompt = 'Optimise the prompt:',
    format_item = function(strategy)
      return ('%s: %s'):format(strategy, summaries[strategy])
    end,
  }, function(strategy)
    if strategy then
      M.optimize(bufnr, strategy)
    end
  end)
end

function M.complete(beginning)
  return vim.tbl_filter(function(strategy)
    return vim.startswith(strategy, beginning)
  end, M.strategies)
end

return M
