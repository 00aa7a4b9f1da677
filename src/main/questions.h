/* The questions of ircd --setup. */
#ifndef SRC_MAIN_QUESTIONS_H
#define SRC_MAIN_QUESTIONS_H

#include "args.h"

#include <stdbool.h>
#include <stddef.h>

#define ANSWER 256

struct answers {
    char name[ANSWER], network[ANSWER], oper[ANSWER];
    char email[ANSWER]; /* "": none */
    char user[ANSWER];  /* of the machine, and it exists; "": no change of the user */
};

/* Gets all answers: from the arguments, and the others from standard input, a line each. A
 * terminal is asked, and asked again after a wrong answer. Without a terminal, standard
 * input is read only if the arguments lack the name or the operator. `root`: the user is
 * asked too. False: err says what is wrong. */
bool questions_ask(const struct args *args, bool root, struct answers *out, char *err,
                   size_t errlen);

#endif
