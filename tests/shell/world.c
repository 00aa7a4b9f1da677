/* The same world, for what watches the core. */
#include "../unit/world.c"
