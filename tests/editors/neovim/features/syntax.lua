-- The group of the first character of a text in a line.
local function group_of(line, text, expected)
  local file = { '---', 'model: openai/gpt-4.1', 'input: # note', '  schema: {max_words: integer}', '---', line }
  vim.cmd.enew({ bang = true })
  vim.api.nvim_buf_set_lines(0, 0, -1, false, file)
  vim.bo.filetype = 'dotprompt'
  vim.cmd('syntax sync fromstart')
  if line:find(text, 1, true) then
    vim.api.nvim_win_set_cursor(0, { #file, line:find(text, 1, true) - 1 })
  else
    t.cursor(text)
  end
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  local group = vim.fn.synIDattr(vim.fn.synID(row, column + 1, true), 'name')
  if group ~= expected then
    error(('%q in %q is %s, not %s'):format(text, line, group, expected), 2)
  end
end

local function tag(text, part, expected)
  group_of(text, part, expected)
  group_of('# Heading ' .. text, part, expected)
  group_of('- **bold ' .. text .. '** text', part, expected)
  group_of('    ' .. text, part, expected)
end

group_of('', 'model', 'yamlBlockMappingKey')
group_of('', '# note', 'yamlComment')
group_of('', 'max_words', 'yamlFlowMappingKey')
group_of('', '---', 'dotpromptFence')
group_of('plain max_words text', 'max_words', '')
group_of('# Heading', 'Heading', 'markdownH1')

tag('{{name}}', '{{', 'dotpromptBraces')
tag('{{name}}', 'name', 'dotpromptPath')
tag('{{{name}}}', 'name', 'dotpromptPath')
tag('{{~name~}}', 'name', 'dotpromptPath')
tag('{{user.role}}', 'role', 'dotpromptPath')
tag('{{../name}}', '../', 'dotpromptPath')
tag('{{a.[b c]}}', '[b c]', 'dotpromptSegment')
tag('{{this.x}}', 'this', 'dotpromptConstant')
tag('{{@root.x}}', '@root', 'dotpromptData')
tag('{{role "system"}}', 'role', 'dotpromptHelper')
tag('{{role "system"}}', '"system', 'dotpromptString')
tag('{{history}}', 'history', 'dotpromptHelper')
tag('{{media url=x contentType=y}}', 'media', 'dotpromptHelper')
tag('{{media url=x contentType=y}}', 'contentType', 'dotpromptHash')
tag('{{json v indent=2}}', '2', 'dotpromptNumber')
tag('{{section "output"}}', 'section', 'dotpromptHelper')
tag('{{#if a}}', 'if', 'dotpromptBlock')
tag('{{/if}}', 'if', 'dotpromptBlock')
tag('{{#each items as |item index|}}', 'as |', 'dotpromptParameters')
tag('{{#ifEquals a "}}" }}', '"}}"', 'dotpromptString')
tag('{{#if (lookup a "b")}}', 'lookup', 'dotpromptHelper')
tag('{{else}}', 'else', 'dotpromptElse')
tag('{{else if x}}', 'if', 'dotpromptBlock')
tag('{{^}}', '{{^', 'dotpromptBraces')
tag('{{> dir/_name.formal x=1}}', 'dir/_name', 'dotpromptPartial')
tag('{{#> layout}}', 'layout', 'dotpromptPartial')
tag('{{#*inline "x"}}', 'inline', 'dotpromptBlock')
tag('{{! promptls: ignore x }}', 'promptls', 'dotpromptComment')
tag('{{!-- a {{b}} c --}}', ' c', 'dotpromptComment')
tag('{{{{raw}}}} {{x}} {{{{/raw}}}}', 'x}}', 'dotpromptRawBlock')
tag('\\{{x}}', '\\{{', 'dotpromptEscape')
