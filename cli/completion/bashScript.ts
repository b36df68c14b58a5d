/** The completion of bash. That of the completion library needs the package bash-completion, and breaks names with blanks. */
export const bashScript = `# bash completion of strata; "source <(strata completion bash)" loads it.
# At each Tab it asks "strata complete -- WORDS…", which prints one suggestion a line: the word, a tab, its description. The last line is a colon and a number.
__strata_complete() {
  local current=\${COMP_WORDS[COMP_CWORD]} quote='' answer line word
  # An open quote belongs to the shell: readline closes it. Without one, blanks in a name need a backslash.
  case $current in
    \\"* | \\'*) quote=\${current:0:1} current=\${current:1} ;;
    *) current=\${current//\\\\/} ;;
  esac
  answer=$(strata complete -- "\${COMP_WORDS[@]:1:COMP_CWORD-1}" "$current" 2>/dev/null) || return
  COMPREPLY=()
  while IFS= read -r line; do
    [[ $line == :* ]] && continue
    word=\${line%%$'\\t'*}
    [[ -n $word ]] || continue
    if [[ -z $quote ]]; then printf -v word '%q' "$word"; fi
    COMPREPLY+=("$word")
  done <<<"$answer"
}
# Without a suggestion, bash completes the names of files.
complete -o bashdefault -o default -F __strata_complete strata
`
