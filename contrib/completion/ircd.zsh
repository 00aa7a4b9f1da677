#compdef ircd
# Made by: ircd --print-reference ircd.zsh
_arguments \
    '(-c --config)'{-c,--config=}'[use this configuration instead of the built-in one]:FILE:_files' \
    '(-t --test)'{-t,--test}'[check the configuration and print its faults]' \
    --print-config'[print a sample with every option and its default]' \
    --print-reference='[print a manual page (ircd.conf.5, ircd-commands.7) or a completion (ircd.bash, ircd.zsh)]:PAGE:(ircd.conf.5 ircd-commands.7 ircd.bash ircd.zsh)' \
    --hash-password'[read a password, print its hash for the configuration]' \
    --make-token'[print a new token for a gateway, and its hash for the configuration]' \
    --dump-bans'[print all bans as text, one a line (the server must be stopped)]' \
    --load-bans='[load bans from such a text, a kline.conf or an xline.db (-\: standard input)]:FILE:_files' \
    --simulate='[replay this trace (-\: standard input) and print what the policy would do]:TRACE:_files' \
    --json'[with --simulate\: print one JSON object a host]' \
    --replay='[replay the journal of a server (log.journal) and compare all output]:FILE:_files' \
    '(-d --detach)'{-d,--detach}'[run in the background when everything has started]' \
    --pid-file='[write the process id to this file while running]:FILE:_files' \
    '(-V --version)'{-V,--version}'[print the version]' \
    '(-h --help)'{-h,--help}'[print this help]'
