#compdef senmeteo
# Completion of senmeteo for zsh: the program itself knows its verbs and flags; what it does not complete are file names.
_senmeteo() {
    local word=${words[CURRENT]}
    local -a before=("${(@)words[1,CURRENT-1]}") known
    [[ $word == -* ]] && before+=("$word")
    known=("${(@f)$("${before[@]}" --generate-bash-completion 2>/dev/null)}")
    if [[ -n ${known[1]} ]]; then
        compadd -a known
    else
        _files
    fi
}
compdef _senmeteo senmeteo
