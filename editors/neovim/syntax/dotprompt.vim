" dotprompt: YAML frontmatter, then Markdown with Handlebars in it

if exists('b:current_syntax')
  finish
endif

runtime! syntax/markdown.vim
unlet! b:current_syntax
" Names such as max_words are common in prompts and no mistake.
silent! syntax clear markdownError
silent! syntax clear markdownYamlHead

syntax include @dotpromptYaml syntax/yaml.vim
unlet! b:current_syntax
syntax case match
syntax sync fromstart

" Blank lines and comments may stand before the first fence.
syntax region dotpromptFrontmatter matchgroup=dotpromptFence keepend contains=@dotpromptYaml
      \ start=/\%^\%(\s*\n\|#.*\n\)*---\s*$/ end=/^---\s*$/

" {{name}}, {{{name}}}, {{&name}}, {{#block}}, {{^}}, {{/block}}, {{> partial}}, {{#> partial block}}, {{#*inline}}
syntax region dotpromptTag matchgroup=dotpromptBraces contains=@dotpromptExpression containedin=markdown.*,html.*
      \ start=/{{{\?\~\?\%(#>\|#\*\|[#^\/>&]\)\?/ end=/\~\?}}}\?/
syntax region dotpromptRawBlock matchgroup=dotpromptBraces containedin=markdown.*,html.*
      \ start=/{{{{\s*\z(\k\+\)\_[^}]*}}}}/ end=/{{{{\/\s*\z1\s*}}}}/
syntax region dotpromptComment contains=@Spell containedin=markdown.*,html.* start=/{{\~\?!\%(--\)\@!/ end=/}}/
syntax region dotpromptComment contains=@Spell containedin=markdown.*,html.* start=/{{\~\?!--/ end=/--\~\?}}/
syntax match dotpromptEscape /\\{{[^}]*}}/ containedin=markdown.*,html.*

syntax cluster dotpromptExpression contains=dotpromptPath,dotpromptSegment,dotpromptData,dotpromptHash,
      \dotpromptHelper,dotpromptBlock,dotpromptElse,dotpromptPartial,dotpromptString,dotpromptNumber,dotpromptConstant,
      \dotpromptSubexpression,dotpromptParameters

" Of items that match at the same place, Vim takes the one that is defined last.
syntax match dotpromptPath /[[:alnum:]_$-]\+/ contained
syntax match dotpromptPath /\.\.\?\// contained
syntax match dotpromptSegment /\[[^\]]*\]/ contained
syntax match dotpromptData /@[[:alnum:]_]\+/ contained
syntax match dotpromptNumber /\%([[:alnum:]_.]\)\@1<!-\?\d\+\%(\.\d\+\)\?\>/ contained
syntax match dotpromptConstant /[.\/]\@1<!\<\%(true\|false\|null\|undefined\|this\)\>/ contained
syntax match dotpromptHash /[[:alnum:]_-]\+\ze\s*=/ contained
syntax region dotpromptString start=/"/ end=/"/ contained
syntax region dotpromptString start=/'/ end=/'/ contained
syntax region dotpromptSubexpression matchgroup=dotpromptParens start=/(/ end=/)/ contained
      \ contains=@dotpromptExpression
syntax match dotpromptParameters /\<as\s\+|[^|]*|/ contained
syntax match dotpromptHelper contained
      \ /\%({{{\?\~\?&\?\s*\|(\s*\)\@40<=\%(role\|history\|media\|section\|json\|lookup\|log\|ifEquals\|unlessEquals\)\>[.\/]\@!/
syntax match dotpromptBlock contained
      \ /\%({{\~\?\%(#\*\|[#^\/]\)\s*\|else\s\+\)\@40<=\%(if\|unless\|each\|with\|ifEquals\|unlessEquals\|inline\)\>[.\/]\@!/
syntax match dotpromptElse /\%({{\~\?\s*\)\@40<=else\>/ contained
syntax match dotpromptPartial /\%({{\~\?#\?>\s*\)\@40<=[^[:space:](){}~]\+/ contained

highlight default link dotpromptFence PreProc
highlight default link dotpromptBraces Delimiter
highlight default link dotpromptParens Delimiter
highlight default link dotpromptComment Comment
highlight default link dotpromptEscape SpecialChar
highlight default link dotpromptRawBlock String
highlight default link dotpromptPath Identifier
" The server's semantic tokens lie over these; many colour schemes leave their variables plain.
highlight default link @lsp.type.variable.dotprompt Identifier
highlight default link @lsp.type.parameter.dotprompt Identifier
highlight default link dotpromptSegment Identifier
highlight default link dotpromptData Special
highlight default link dotpromptHash Type
highlight default link dotpromptString String
highlight default link dotpromptNumber Number
highlight default link dotpromptConstant Constant
highlight default link dotpromptHelper Function
highlight default link dotpromptBlock Conditional
highlight default link dotpromptElse Conditional
highlight default link dotpromptPartial Include
highlight default link dotpromptParameters Type

let b:current_syntax = 'dotprompt'
