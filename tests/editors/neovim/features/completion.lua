local function words(result)
  return vim.tbl_map(function(item)
    return item.label
  end, result.items or result)
end

local function offered(text, before)
  vim.api.nvim_set_current_line(before)
  vim.api.nvim_win_set_cursor(0, { vim.api.nvim_win_get_cursor(0)[1], #before })
  local found = words(t.ask('textDocument/completion'))
  if not vim.tbl_contains(found, text) then
    error(('%q is not offered after %q, but %s'):format(text, before, vim.inspect(found)), 2)
  end
end

t.open('extraction/invoice.prompt')
vim.cmd('normal! Go')
offered('currency', '{{cur')
offered('currency', '🎉 {{#if c')
offered('role', '{{ro')
offered('system', '{{role "s')
