/* The answers that `ircd ctl` and calls of the API read: which lines of a server belong to
 * the answer of a
 * command, when the answer is complete, and whether the command was refused.
 *
 * The command carries a label (IRCv3 labeled-response), so the end of its answer is
 * known for every command: the server closes the batch of the label, sends one line with
 * the label, or sends ACK. */
#ifndef PROTO_CONTROL_ANSWER_H
#define PROTO_CONTROL_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#define CONTROL_LABEL 24      /* room for a label */
#define CONTROL_REFERENCE 64  /* room for the reference of a batch */
#define CONTROL_VERB 32       /* room for the name of a command */
#define CONTROL_NICK 6        /* room for a nick */
#define CONTROL_LINE_MAX 9000 /* bytes of a line of the server, its tags included */

/* The line with which a client gets answers that have an end. */
#define CONTROL_CAPS "CAP REQ :labeled-response batch standard-replies\r\n"

struct control_answer {
    char label[CONTROL_LABEL], verb[CONTROL_VERB];
    char batch[CONTROL_REFERENCE]; /* of the label, while it is open; "": none */
    bool done;                     /* the answer is complete */
    bool refused;                  /* a line of the answer refuses the command */
};

/* A line of an answer. The texts point into the line. */
struct control_text {
    const char *code; /* "249", "NOTICE", "FAIL" */
    const char *text; /* the parameters, without the nick of the client */
    bool refuses;     /* it says why the command was refused or has failed */
    bool unsaved;     /* of these: the command has run, but is not saved */
};

/* What the line of a server is to the client of the control socket. */
enum control_line {
    CONTROL_OTHER,  /* nothing; or a line that completes the answer without a text */
    CONTROL_TEXT,   /* a line of the answer */
    CONTROL_READY,  /* the client has all rights: commands may follow */
    CONTROL_IN_USE, /* its nick is taken */
    CONTROL_ENDED,  /* ERROR: text is the reason */
    CONTROL_BROKEN, /* not a line of IRC */
};

/* The answer to a command with this label; both texts are cut to their room. */
void control_answer_begin(struct control_answer *a, const char *label,
                          const char *command);

/* Writes a nick that fits in the shortest limits.nick_length: the prefix, which has three
 * letters, and the number in two digits of 36. */
void control_answer_nick(const char *prefix, unsigned long number,
                         char out[static CONTROL_NICK]);

/* Takes a line of the server, len bytes without its end and with a NUL behind them,
 * which is changed. *out is set for CONTROL_TEXT and CONTROL_ENDED. A refusal is a
 * numeric from 400 to 599, FAIL, WARN with the code NOT_SAVED, and a notice that begins
 * with the command in any case, perhaps one word of capitals, and «refused». */
enum control_line control_answer_take(struct control_answer *a, char *line, size_t len,
                                      struct control_text *out);

/* Writes the text so that a terminal shows it and does nothing else: each control
 * character but TAB as "\x1b", also of those above U+007F. Users choose such texts. */
void control_answer_show(const char *text, char *out, size_t size);

#endif
