/* Writes the manual page ircd-commands(7) from the rows of the commands, privileges,
 * modes and server notices. HELP and the server use the same rows. */
#include "session/reference.h"

#include "base/draft.h"
#include "base/str.h"
#include "cmd/command.h"
#include "cmd/registry.h"
#include "policy/privs.h"
#include "proto/mode.h"
#include "proto/snomask.h"

#include <stdlib.h>
#include <string.h>

static const char head[] =
    ".Dt IRCD\\-COMMANDS 7\n"
    ".Os\n"
    ".Sh NAME\n"
    ".Nm ircd\\-commands\n"
    ".Nd commands that clients of ircd send\n"
    ".Sh DESCRIPTION\n"
    "A client sends one command a line.\n"
    "The program of a user has words of its own for the common commands, such as\n"
    ".Ql /kick .\n"
    "irssi and WeeChat send any other command with\n"
    ".Ql /quote ,\n"
    "as in\n"
    ".Ql /quote KLINE 1h bob :spam .\n"
    "The command HELP lists the commands that the client may use.\n"
    ".Pp\n"
    "In the syntax, a word in angle brackets is replaced by a value, the parts in "
    "square "
    "brackets may be left out, a bar separates alternatives, and what comes before\n"
    ".Ql ,\\[u2026]\n"
    "may be repeated with commas between.\n"
    "A colon before the last parameter lets it contain blanks.\n"
    ".Sh PRICES\n"
    "A client has a bucket of\n"
    ".Ic flood.burst\n"
    "tokens\n"
    ".Pq 10 ,\n"
    "and one comes back each\n"
    ".Ic flood.interval\n"
    ".Pq 500 ms .\n"
    "Each command takes its price from the bucket.\n"
    "Each 256 bytes of a line cost one more token.\n"
    "A long answer costs more as well: each 20 rows of LIST, WHO, STRIKES or TRACE, "
    "50 rows of TABLE, 100 members of "
    "NAMES, 10 entries of WHOWAS, or 2048 bytes of a command whose entry says so.\n"
    "Masks that take much work to compare cost more as well.\n"
    "A line waits if the tokens are not enough, and\n"
    ".Ic flood.hold\n"
    ".Pq 16\n"
    "lines may wait; further lines are refused and bring a strike.\n"
    "A client that is exempt from\n"
    ".Ic flood ,\n"
    "or is an operator with the privilege\n"
    ".Ic flood_exempt ,\n"
    "pays nothing.\n";

static const char tail[] = ".Sh SEE ALSO\n"
                           ".Xr ircd.conf 5 ,\n"
                           ".Xr ircd 8\n"
                           ".Sh STANDARDS\n"
                           "The Modern IRC client protocol, the IRCv3 specifications, "
                           "and RFC 2812 and RFC 1459 "
                           "where both are silent.\n";

static void
write_price(struct draft *d, const struct command *row)
{
    static const char *const credits[] = {
        [CREDIT_NONE] = NULL,
        [CREDIT_JOIN] = "free in the first minute after registration",
        [CREDIT_WHO] = "free once for a channel just joined",
        [CREDIT_NAMES] = "free once for a channel just joined",
        [CREDIT_TOPIC] = "free once for a channel just joined",
        [CREDIT_MODE] =
            "free once each for the modes and lists of a channel just joined",
    };
    if (row->cost == 0)
        draft_add(d, "Price: none for 20 at once and one each second");
    else
        draft_addf(d, "Price: %d token%s", row->cost, row->cost == 1 ? "" : "s");
    if (row->flags & (COMMAND_TARGETS | COMMAND_SECOND))
        draft_add(d, ", as much again for each further target");
    if (row->flags & COMMAND_WEIGHED)
        draft_add(d, ", and more by the length of the answer");
    if (credits[row->credit] != NULL)
        draft_addf(d, "; %s", credits[row->credit]);
    draft_add(d, ".\n");
}

static void
write_need(struct draft *d, const struct command *row)
{
    if (row->when == WHEN_UNREGISTERED)
        draft_add(d, "Before registration only.\n");
    if (row->when == WHEN_ANY)
        draft_add(d, "Also before registration.\n");
    if (row->priv == PRIV_OPER)
        draft_add(d, "For operators.\n");
    else if (row->priv != PRIV_NONE)
        draft_addf(d, "Needs the privilege\n.Ic %s .\n", privs_name(row->priv));
}

/* A row may have two examples with ", or " between them. */
static void
write_row_example(struct draft *d, const char *example)
{
    char one[200];
    const char *more = strstr(example, ", or ");
    size_t n = more ? (size_t)(more - example) : strlen(example);
    str_format(one, sizeof one, "%.*s", (int)n, example);
    draft_add(d, ".Ql \"");
    draft_add_roff(d, one);
    size_t last = strlen(one);
    if (last > 0 && strchr(".,:;?!)]", one[last - 1]))
        draft_add(d, "\\&"); /* part of the text, not a delimiter of mdoc */
    draft_add(d, "\"\n");
    if (more == NULL)
        return;
    draft_add(d, "or\n");
    write_row_example(d, more + strlen(", or "));
}

static void
write_command(struct draft *d, const struct command *row)
{
    draft_addf(d, ".It Xo\n.Ic %s\n", row->name);
    draft_add_roff(d, row->syntax);
    draft_add(d, *row->syntax != '\0' ? "\n.Xc\n" : ".Xc\n");
    draft_add_line(d, row->help);
    draft_add(d, ".br\n");
    write_price(d, row);
    write_need(d, row);
    draft_add(d, ".br\nExample:\n");
    write_row_example(d, row->example ? row->example : row->name);
}

static void
write_commands(struct draft *d)
{
    size_t n;
    const struct command **all = registry_all(&n);
    draft_add(d, ".Sh COMMANDS\n");
    for (int group = GROUP_NONE + 1; group < COMMAND_GROUPS; group++) {
        draft_addf(d, ".Ss %s\n.Bl -tag -width Ds\n", registry_group_titles[group]);
        for (size_t i = 0; i < n; i++)
            if ((int)all[i]->group == group)
                write_command(d, all[i]);
        draft_add(d, ".El\n");
    }
    free(all);
}

static void
write_privileges(struct draft *d)
{
    draft_add(d, ".Sh PRIVILEGES\n"
                 "An operator has the privileges that its\n.Ic oper\nblock and the\n"
                 ".Ic operclass\nof that block name:\n"
                 ".Bl -tag -width flood_exempt\n");
    for (unsigned p = 0; p < PRIV_COUNT; p++) {
        draft_addf(d, ".It Ic %s\n", privs_names[p]);
        draft_add_line(d, privs_help[p]);
    }
    draft_add(d, ".El\n");
}

static void
write_letter(struct draft *d, char letter, const char *help)
{
    draft_addf(d, ".It Ic %c\n", letter);
    draft_add_line(d, help);
}

static void
write_modes(struct draft *d, const char *title, const struct mode_row *rows, size_t n)
{
    draft_addf(d, ".Sh %s\n.Bl -tag -width Ds\n", title);
    for (size_t i = 0; i < n; i++)
        write_letter(d, rows[i].letter, rows[i].help);
    draft_add(d, ".El\n");
}

static void
write_snomasks(struct draft *d)
{
    draft_add(d, ".Sh SERVER NOTICES\n"
                 "An operator with the privilege\n.Ic spy\nchooses by letters:\n"
                 ".Ql \"MODE alice +s bc\" .\n"
                 ".Bl -tag -width Ds\n");
    for (size_t i = 0; i < SNO_COUNT; i++) {
        write_letter(d, snomask_rows[i].letter, snomask_rows[i].help);
        if (!(SNO_DEFAULT & 1U << i))
            draft_add(d, "(+s alone leaves it out)\n");
    }
    draft_add(d, ".El\n");
}

char *
reference_commands(void)
{
    struct draft d = {0};
    draft_add(&d, head);
    write_commands(&d);
    write_privileges(&d);
    write_modes(&d, "CHANNEL MODES", mode_channel, CHAN_MODE_COUNT);
    write_modes(&d, "USER MODES", mode_user, USER_MODE_COUNT);
    write_snomasks(&d);
    draft_add(&d, tail);
    return d.at;
}
