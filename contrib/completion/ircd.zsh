#compdef ircd
# Made by: ircd --print-reference ircd.zsh
_arguments \
    '(-c --config)'{-c,--config=}'[use this configuration instead of the built-in one (-\: standard input)]:FILE:_files' \
    '(-t --test)'{-t,--test}'[check the configuration and print its faults]' \
    --print-config'[print a sample with every option and its default]' \
    --minimal'[with --print-config\: print the twelve lines of a public server]' \
    --setup='[write the configuration of a new public server into DIR, and say what to run next]:DIR:_files' \
    --name='[with --setup\: the name of the server; what is not given is asked on a terminal]:NAME:_files' \
    --network='[with --setup\: the name of the network]:NAME:_files' \
    --oper='[with --setup\: the name of the operator]:NAME:_files' \
    --email='[with --setup\: the mail address that banned users read]:ADDRESS:_files' \
    --user='[with --setup, for root\: the user that the server becomes; '\'''\''\: none]:USER:_files' \
    --print-reference='[print a manual page (ircd.conf.5, ircd-commands.7) or a completion (ircd.bash, ircd.zsh)]:PAGE:(ircd.conf.5 ircd-commands.7 ircd.bash ircd.zsh)' \
    --hash-password'[read a password, print its hash for the configuration]' \
    --make-token'[print a new token for a gateway or the API, and its hash for proxy.token or oper.token]' \
    --dump-bans'[print all bans as text, one a line (the server must be stopped)]' \
    --load-bans='[load bans from such a text, a kline.conf or an xline.db (-\: standard input)]:FILE:_files' \
    --simulate='[replay this trace (-\: standard input) and print what the policy would do]:TRACE:_files' \
    --json'[with --simulate\: print one JSON object a host; with ctl\: the answer as JSON]' \
    --replay='[replay the journal of a server (log.journal) and compare all output]:FILE:_files' \
    --health'[ask the server that runs with this configuration whether it answers and saves]' \
    '(-d --detach)'{-d,--detach}'[run in the background when everything has started]' \
    --pid-file='[write the process id to this file while running]:FILE:_files' \
    '(-V --version)'{-V,--version}'[print the version]' \
    '(-h --help)'{-h,--help}'[print this help]' \
    '1:command:(ctl)' '2:command:(status rehash bans table)' '3:command:(list export import)' '4:FILE:_files'
