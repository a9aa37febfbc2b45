/**
 * Completion scripts. Each hands the words up to the cursor to `oss-policy complete`, so a script does not age with the
 * verbs. The answer is a line `words`, `files` or `folders`, and for `words` one line each: the word, a tab, a description.
 */

const bash = `# Completion of oss-policy for bash: eval "$(oss-policy completion bash)"
_oss_policy() {
  local index word value tail mark line kind rest=$COMP_LINE words=()
  COMPREPLY=()
  # Bash splits words at "=", ":" and "@". Parts without a space between them are one word.
  for ((index = 0; index <= COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    if ((index > 0)) && [[ $rest != [[:space:]]* ]]; then
      words[\${#words[@]} - 1]+=$word
    else
      words+=("$word")
    fi
    rest=\${rest#"\${rest%%[![:space:]]*}"}
    rest=\${rest#"$word"}
  done
  value=\${words[\${#words[@]} - 1]}
  {
    IFS= read -r kind
    case $kind in
      words) while IFS= read -r line; do COMPREPLY+=("\${line%%$'\\t'*}"); done ;;
      files | folders)
        value=\${value#--*=}
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(
          if [[ $kind = files ]]; then compgen -f -- "$value"; else compgen -d -- "$value"; fi
        )
        compopt -o filenames 2>/dev/null
        ;;
    esac
  } < <("\${words[0]/#\\~/$HOME}" complete bash -- "\${words[@]:1}" 2>/dev/null)
  # Bash replaces only what follows the last of these marks; of "@" it replaces the mark too.
  tail=$value
  for mark in = :; do
    if [[ $COMP_WORDBREAKS == *"$mark"* ]]; then tail=\${tail##*"$mark"}; fi
  done
  if [[ $COMP_WORDBREAKS == *@* && $tail == *@* ]]; then tail=@\${tail##*@}; fi
  for index in "\${!COMPREPLY[@]}"; do
    COMPREPLY[index]=\${COMPREPLY[index]#"\${value%"$tail"}"}
  done
  if ((\${#COMPREPLY[@]} == 1)) && [[ \${COMPREPLY[0]} == *[=@] ]]; then compopt -o nospace 2>/dev/null; fi
  return 0
}
complete -F _oss_policy oss-policy
`;

const zsh = `#compdef oss-policy
# Completion of oss-policy for zsh: after compinit, source <(oss-policy completion zsh)
_oss-policy() {
  local line
  local -a lines names shown
  lines=("\${(@f)$("\${(Q)words[1]/#\\~/$HOME}" complete zsh -- "\${(@Q)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}")
  case $lines[1] in
    files) compset -P '--*='; _files ;;
    folders) compset -P '--*='; _files -/ ;;
    words)
      for line in "\${(@)lines[2,-1]}"; do
        if [[ $line == *[=@] ]]; then
          compadd -S '' -- "$line"
        else
          names+=("\${line%%$'\\t'*}")
          shown+=("\${line/$'\\t'/  -- }")
        fi
      done
      if [[ "$lines" == *$'\\t'* ]]; then compadd -l -d shown -a names; else compadd -a names; fi
      ;;
  esac
}
if [[ $funcstack[1] == _oss-policy ]]; then _oss-policy "$@"; else compdef _oss-policy oss-policy; fi
`;

const fish = `# Completion of oss-policy for fish: oss-policy completion fish | source
function __oss_policy_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    set -l lines ($program complete fish -- $words "$current" 2>/dev/null)
    set -l option (string match -r -- '^--[a-z-]+=' "$current")
    set -l value (string replace -r -- '^--[a-z-]+=' '' "$current")
    switch "$lines[1]"
        case words
            set -e lines[1]
            string join \\n -- $lines
        case files
            for path in (__fish_complete_path "$value")
                echo -- "$option$path"
            end
        case folders
            for path in (__fish_complete_directories "$value" '')
                echo -- "$option$path"
            end
    end
end
complete -c oss-policy -f -a '(__oss_policy_complete)'
`;

export const completionScripts = { bash, zsh, fish };
