/* The same runner, over the suites of this folder. */
#include "../unit/main.c"
