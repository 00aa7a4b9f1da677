/* Completion of the command line in shells, made from the options (args.h). */
#ifndef SRC_MAIN_COMPLETION_H
#define SRC_MAIN_COMPLETION_H

/* A file for bash and one for zsh. The caller frees the text. */
char *completion_bash(void);
char *completion_zsh(void);

#endif
