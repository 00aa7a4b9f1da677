# bash completion of ircd. Made by: ircd --print-reference ircd.bash
_ircd() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    if [ "$word" = = ]; then word=
    elif [ "$before" = = ]; then before=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    COMPREPLY=()
    case $before in
    -c|--config|--setup|--name|--network|--oper|--email|--user|--load-bans|--simulate|--replay|--pid-file) ;; # files, by -o default
    --print-reference) COMPREPLY=($(compgen -W "ircd.conf.5 ircd-commands.7 ircd.bash ircd.zsh" -- "$word")) ;;
    ctl) COMPREPLY=($(compgen -W "--json status rehash bans table" -- "$word")) ;;
    table) COMPREPLY=($(compgen -W "bans hosts clients channels log status" -- "$word")) ;;
    bans) COMPREPLY=($(compgen -W "list export import" -- "$word")) ;;
    import) ;; # files
    *) COMPREPLY=($(compgen -W "ctl --config --test --print-config --minimal --setup --name --network --oper --email --user --print-reference --hash-password --make-token --dump-bans --load-bans --simulate --json --replay --health --detach --pid-file --version --help" -- "$word")) ;;
    esac
}
complete -o default -F _ircd ircd
