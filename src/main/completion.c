/* Completion for bash and zsh: names of options, files as operands, and the pages of
 * --print-reference. */
#include "completion.h"

#include "args.h"
#include "base/draft.h"

#include <string.h>

static bool
is_page(const char *operand)
{
    return strcmp(operand, "PAGE") == 0;
}

/* "-c|--config|--pid-file": the options with an operand that is a page, or not. */
static void
add_bash_names(struct draft *d, bool pages)
{
    struct args_option o;
    const char *bar = "";
    for (size_t i = 0; args_option(i, &o); i++) {
        if (o.operand == NULL || is_page(o.operand) != pages)
            continue;
        if (o.letter)
            draft_addf(d, "%s-%c|--%s", bar, o.letter, o.name);
        else
            draft_addf(d, "%s--%s", bar, o.name);
        bar = "|";
    }
}

char *
completion_bash(const char *pages)
{
    struct draft d = {0};
    struct args_option o;
    draft_add(
        &d, "# bash completion of ircd. Made by: ircd --print-reference ircd.bash\n"
            "_ircd() {\n"
            "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - "
            "1]}\n"
            "    if [ \"$word\" = = ]; then word=\n"
            "    elif [ \"$before\" = = ]; then before=${COMP_WORDS[COMP_CWORD - 2]}\n"
            "    fi\n"
            "    COMPREPLY=()\n"
            "    case $before in\n    ");
    add_bash_names(&d, false);
    draft_add(&d, ") ;; # files, by -o default\n    ");
    add_bash_names(&d, true);
    draft_add(&d, ") COMPREPLY=($(compgen -W \"");
    draft_add(&d, pages);
    draft_add(&d,
              "\" -- \"$word\")) ;;\n"
              "    ctl) COMPREPLY=($(compgen -W \"--json status rehash bans table\" -- "
              "\"$word\")) ;;\n"
              "    table) COMPREPLY=($(compgen -W \"bans hosts clients channels "
              "log status\" -- \"$word\")) ;;\n"
              "    bans) COMPREPLY=($(compgen -W \"list export import\" -- "
              "\"$word\")) ;;\n"
              "    import) ;; # files\n"
              "    *) COMPREPLY=($(compgen -W \"ctl");
    for (size_t i = 0; args_option(i, &o); i++)
        draft_addf(&d, " --%s", o.name);
    draft_add(&d, "\" -- \"$word\")) ;;\n"
                  "    esac\n"
                  "}\n"
                  "complete -o default -F _ircd ircd\n");
    return d.at;
}

/* Adds a text inside of brackets and apostrophes. */
static void
add_zsh_text(struct draft *d, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            draft_add(d, "'\\'");
        else if (strchr("[]:\\", *text))
            draft_add(d, "\\");
        draft_add(d, (char[]){*text, '\0'});
    }
}

static void
add_zsh_operand(struct draft *d, const char *operand, const char *pages)
{
    draft_addf(d, ":%s:", operand);
    if (!is_page(operand)) {
        draft_add(d, "_files");
        return;
    }
    draft_add(d, "(");
    draft_add(d, pages);
    draft_add(d, ")");
}

static void
add_zsh_option(struct draft *d, const struct args_option *o, const char *pages)
{
    const char *joined = o->operand ? "=" : "";
    draft_add(d, " \\\n    ");
    if (o->letter)
        draft_addf(d, "'(-%c --%s)'{-%c,--%s%s}", o->letter, o->name, o->letter,
                   o->name, joined);
    else
        draft_addf(d, "--%s%s", o->name, joined);
    draft_add(d, "'[");
    add_zsh_text(d, o->help);
    draft_add(d, "]");
    if (o->operand)
        add_zsh_operand(d, o->operand, pages);
    draft_add(d, "'");
}

char *
completion_zsh(const char *pages)
{
    struct draft d = {0};
    struct args_option o;
    draft_add(&d, "#compdef ircd\n"
                  "# Made by: ircd --print-reference ircd.zsh\n"
                  "_arguments");
    for (size_t i = 0; args_option(i, &o); i++)
        add_zsh_option(&d, &o, pages);
    draft_add(&d, " \\\n    '1:command:(ctl)' '2:command:(status rehash bans table)' "
                  "'3:command:(list export import)' '4:FILE:_files'\n");
    return d.at;
}
