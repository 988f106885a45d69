--- What Neovim 0.8 to 0.10 spell differently.

local M = {}

local methods_take_self = vim.fn.has('nvim-0.11') == 1

local function call(client, method, ...)
  if methods_take_self then
    return client[method](client, ...)
  end
  return client[method](...)
end

--- The running clients of the server, those that have not answered yet included.
---@param bufnr? integer
function M.clients(bufnr)
  local get = vim.lsp.get_clients or vim.lsp.get_active_clients
  return get({ name = 'promptls', bufnr = bufnr, _uninitialized = true })
end

function M.stop(client, force)
  call(client, 'stop', force)
end

function M.supports(client, method)
  return call(client, 'supports_method', method)
end

function M.request(client, method, params, handler, bufnr)
  return call(client, 'request', method, params, handler, bufnr)
end

return M
