-- Gives .prompt files their filetype and has the server started for them. Everything else loads when it is needed.

if vim.g.loaded_promptls then
  return
end
vim.g.loaded_promptls = true

if vim.fn.has('nvim-0.8') == 0 then
  vim.api.nvim_err_writeln('promptls needs Neovim 0.8 or newer; 0.11 is recommended')
  return
end

-- Whoever has chosen another filetype for these files keeps it.
if vim.filetype.match({ filename = 'name.prompt' }) == nil then
  vim.filetype.add({ extension = { prompt = 'dotprompt' } })
end

local group = vim.api.nvim_create_augroup('promptls', {})

vim.api.nvim_create_autocmd('LspAttach', {
  group = group,
  desc = 'promptls: code lenses and inlay hints',
  callback = function(event)
    local client = vim.lsp.get_client_by_id(event.data.client_id)
    if client and client.name == 'promptls' then
      require('promptls').attach(client, event.buf)
    end
  end,
})

vim.api.nvim_create_user_command('PromptlsSearch', function(command)
  require('promptls.search').search_command(command)
end, { nargs = '*', bang = true, desc = 'search the prompts of the workspace; with a bang, into the quickfix list' })

if (vim.g.promptls or {}).enable == false then
  return
end

if vim.lsp.enable then
  vim.lsp.enable('promptls')
end

-- Test files stay YAML for everybody else, so that their names tell and not their filetype.
vim.api.nvim_create_autocmd({ 'BufReadPost', 'BufNewFile' }, {
  group = group,
  pattern = { '*.test.yaml', '*.test.yml' },
  desc = 'promptls: start the server for test cases',
  callback = function(event)
    require('promptls.server').start_for_tests(event.buf)
  end,
})

vim.api.nvim_create_autocmd('FileType', {
  group = group,
  pattern = 'dotprompt',
  desc = 'promptls: start the server, or say why it cannot be',
  callback = function(event)
    local server = require('promptls.server')
    if vim.lsp.enable then
      server.is_installed()
    else
      server.start_for(event.buf)
    end
  end,
})
