/* Completion of the command line in shells, made from the options (args.h). */
#ifndef SRC_MAIN_COMPLETION_H
#define SRC_MAIN_COMPLETION_H

/* A file for bash and one for zsh. pages: the operands of --print-reference, with a
 * blank between. The caller frees the text. */
char *completion_bash(const char *pages);
char *completion_zsh(const char *pages);

#endif
