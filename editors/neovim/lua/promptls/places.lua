--- Offsets in characters, as promptls counts them, and places in buffers and files.

local M = {}

--- How many characters of a buffer stand before a place, which is a row and a byte column, both counted from 0.
function M.characters_before(bufnr, row, column)
  local ending = vim.bo[bufnr].fileformat == 'dos' and 2 or 1
  local count = vim.bo[bufnr].bomb and 1 or 0
  for _, line in ipairs(vim.api.nvim_buf_get_lines(bufnr, 0, row, false)) do
    count = count + vim.fn.strchars(line) + ending
  end
  local line = vim.api.nvim_buf_get_lines(bufnr, row, row + 1, false)[1] or ''
  return count + vim.fn.strchars(line:sub(1, column))
end

--- The row and the byte column, both counted from 0, that so many characters of a buffer stand before.
function M.place_of(bufnr, offset)
  local ending = vim.bo[bufnr].fileformat == 'dos' and 2 or 1
  offset = offset - (vim.bo[bufnr].bomb and 1 or 0)
  local lines = vim.api.nvim_buf_get_lines(bufnr, 0, -1, false)
  for row, line in ipairs(lines) do
    local length = vim.fn.strchars(line)
    if offset <= length or row == #lines then
      return row - 1, #vim.fn.strcharpart(line, 0, math.max(offset, 0))
    end
    offset = offset - length - ending
  end
  return 0, 0
end

--- The same in a file that is not open.
function M.place_in_file(path, offset)
  local file = io.open(path, 'rb')
  if not file then
    return 0, 0
  end
  local text = file:read('*a')
  file:close()
  -- Not byteidx: it counts no combining characters.
  local before = text:sub(1, math.max(vim.fn.byteidxcomp(text, offset), 0))
  local _, row = before:gsub('\n', '')
  return row, #before:match('[^\n]*$')
end

return M
