# Completion of senmeteo for bash: the program itself knows its verbs and flags; what it does not complete are file names.
_senmeteo() {
    local word=${COMP_WORDS[COMP_CWORD]}
    local before=("${COMP_WORDS[@]:0:COMP_CWORD}")
    case $word in -*) before+=("$word") ;; esac
    local IFS=$'\n'
    COMPREPLY=($(compgen -W "$("${before[@]}" --generate-bash-completion 2>/dev/null)" -- "$word"))
}
complete -o bashdefault -o default -F _senmeteo senmeteo
