/* Linked into the programs of `make cover`: a program that ends by _exit() or abort()
 * writes its counters first, as one that returns from main() does. */
#include <stdlib.h>
#include <unistd.h>

void __gcov_dump(void);
_Noreturn void __real__exit(int code);
_Noreturn void __wrap__exit(int code);
_Noreturn void __real_abort(void);
_Noreturn void __wrap_abort(void);

_Noreturn void
__wrap__exit(int code)
{
    __gcov_dump();
    __real__exit(code);
}

_Noreturn void
__wrap_abort(void)
{
    __gcov_dump();
    __real_abort();
}
