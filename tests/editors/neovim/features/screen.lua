-- What a person sees and types: a second Neovim runs in a terminal of this one.

vim.o.columns, vim.o.lines = 120, 40
local scratch = vim.api.nvim_create_buf(false, true)
vim.api.nvim_set_current_buf(scratch)
local job = vim.fn.jobstart({ vim.v.progpath, 'extraction/invoice.prompt' }, { term = true })

local function screen()
  return t.text(scratch)
end

local function see(text)
  if not vim.wait(10000, function()
    return screen():find(text, 1, true) ~= nil
  end, 20) then
    error(('%q is not on the screen:\n%s'):format(text, screen()), 2)
  end
end

local function press(keys)
  vim.fn.chansend(job, vim.keycode(keys))
end

local function capture(name)
  vim.fn.writefile(vim.split(screen(), '\n'), ('%s/neovim-%s.txt'):format(vim.env.CAPTURES, name))
end

-- The inlay hints say that the server is there.
see('model:')
press('G')
see('ocr: boolean')
press('gg/role<CR>')
press('K')
see('Begins a message')
capture('hover')
press('<Esc>jk')

press(':PromptlsPreview<CR>')
see('── system (')
capture('preview')

-- The preview scrolls with the cursor, and follows every key.
press('G')
see('── user (')
press('oPay in {{cur')
press('<C-x><C-o>')
see('Pay in {{currency')
press(' ✓')
see('Pay in EUR ✓')
capture('typing')

-- A mistake is marked in the sign column, and in the preview.
press('<CR>{{#if currency}}<Esc>')
see('E {{#if currency')
see('│81:1 ')
capture('mistake')

-- Searching shows what is found, by Neovim's own means where there is no picker, and as a list.
press(':PromptlsSearch customer<CR>')
see('chat/support.prompt')
capture('search')
press('q<CR>')
press(':PromptlsSearch! "single sign-on"<CR>')
see('domains/saas.prompt|38 col ')
capture('quickfix')
press(':qa!<CR>')
see('[Process exited 0]')
