# The part of GNUmakefile that builds and runs everything below tests/.
.PHONY: test check check-core check-e2e check-layers check-circles check-ports check-portable check-docs \
  check-fuzz check-metrics check-shell check-tls check-unit check-ws e2e clients bench crash defences fuzz soak cover

UNIT := $(call objects,$(wildcard tests/unit/*.c))
SHELLTEST := $(call objects,$(wildcard tests/shell/*.c))
FUZZ := $(call objects,$(wildcard tests/fuzz/*.c))
WORLD := $(call objects,$(wildcard tests/unit/world*.c))
LINT := $(call objects,tests/unit/metric_lint.c)
BENCH := $(patsubst tests/bench/%.c,$(B)/bench/%,$(wildcard tests/bench/*.c))
TEST_OBJ := $(UNIT) $(SHELLTEST) $(FUZZ) $(call objects,tests/e2e/single_pair.c)

# Make variables in the form of the variables that tests read.
for_tests = $(foreach knob,$(1),$(if $($(knob)),IRCD_TEST_$(knob)='$($(knob))'))

# The list of suites is the list of files.
GENERATED += $(patsubst %,$(B)/tests/%.inc,unit/suites shell/suites unit/numerics)
$(B)/tests/%/suites.inc: tests/% $(wildcard tests/*/test_*.c)
	@mkdir -p $(@D)
	@ls tests/$*/test_*.c | sed 's|.*/test_\(.*\)\.c|SUITE_ROW(\1)|' >$@
# The numerics, for the test that counts the parameters of each reply.
$(B)/tests/unit/numerics.inc: include/proto/numeric.h
	@mkdir -p $(@D)
	@sed -n 's/^#define \([A-Z]*_[A-Z0-9]*\) [0-9]*, .*/NUMERIC_ROW(\1)/p' $< >$@
$(B)/tests/unit/test_parameters.o: $(B)/tests/unit/numerics.inc
$(B)/tests/unit/main.o $(B)/tests/shell/main.o: %/main.o: %/suites.inc

$(B)/tests/unit-tests: $(UNIT) $(B)/libcore.a
$(B)/tests/unit-tests: ALL_LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free
$(B)/tests/unit-tests: TEST_LIBS := -lcunit $(CORE_LIBS)
$(B)/tests/shell-tests: $(SHELLTEST) $(WORLD) $(LINT) $(filter-out %/main.o,$(MAIN))
$(B)/tests/shell-tests: ALL_LDFLAGS += -Wl,--wrap=recv
$(B)/tests/fuzz-replay: $(FUZZ) $(WORLD)
$(B)/tests/shell-tests $(B)/tests/fuzz-replay: $(B)/libshell.a $(B)/libcore.a
$(B)/tests/shell-tests $(B)/tests/fuzz-replay: TEST_LIBS := -lcunit $(MAIN_LIBS) $(SHELL_LIBS) $(CORE_LIBS)
$(B)/tests/unit-tests $(B)/tests/shell-tests $(B)/tests/fuzz-replay:
	@echo "  LD $@"
	$Q$(CC) $(ALL_LDFLAGS) -o $@ $^ $(TEST_LIBS)

$(B)/bench/load: $(wildcard tests/bench/load/*.c)
$(B)/bench/latency: $(wildcard tests/bench/latency/*.c)
$(B)/bench/%: tests/bench/%.c $(B)/libshell.a $(B)/libcore.a $(wildcard tests/bench/*.h tests/bench/*/*.h)
	@mkdir -p $(@D)
	$Q$(CC) $(ALL_CFLAGS) -o $@ $(filter %.c %.a,$^) $(ALL_LDFLAGS) $(SHELL_LIBS) $(CORE_LIBS)

## make test SUITE=NAME [TEST=PART] [GDB=1]: runs the tests of a module: the files of tests/ with that name
##   or NAME_*; TEST: only tests with PART in the name; GDB=1: in the debugger, with contrib/gdb.py
SUITE_FILES := $(if $(SUITE),$(shell tests/test.sh --files '$(SUITE)'))
test: $(if $(filter tests/unit/%,$(SUITE_FILES)),$(B)/tests/unit-tests)
test: $(if $(filter tests/shell/%,$(SUITE_FILES)),$(B)/tests/shell-tests)
test: $(if $(filter tests/e2e/%,$(SUITE_FILES)),$(B)/ircd)
	@$(call for_tests,GDB) tests/test.sh $(B) '$(SUITE)' '$(TEST)'

## make check [CC=clang] [SAN=1] [VALGRIND=1]: runs all tests, as many at once as there are processors
## make check SAN=thread: runs the tests of threads with the thread sanitizer
# The parts of check-core run side by side, unless -j is given, and the output of each comes at its end.
JOBS = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))
PARTS = --no-print-directory WERROR=1 $(JOBS)
check:
ifeq ($(SAN),thread)
	@$(MAKE) $(PARTS) check-shell
else
	@$(MAKE) $(PARTS) -Otarget check-core
	@$(MAKE) $(PARTS) check-e2e
endif

RUNNER := $(if $(VALGRIND),valgrind -q --error-exitcode=9 --leak-check=full)
## make check-core: runs the tests without a running server; make check-e2e: the tests with one
check-core: check-unit check-shell check-fuzz check-metrics check-layers check-circles check-ports check-portable check-docs
check-unit: $(B)/tests/unit-tests
	$(RUNNER) $(B)/tests/unit-tests
check-shell: $(B)/tests/shell-tests
	$(RUNNER) $(B)/tests/shell-tests
check-fuzz: $(B)/tests/fuzz-replay
	$(B)/tests/fuzz-replay tests/fuzz/corpus
check-metrics: $(B)/tests/unit-tests
	tests/check-metrics.py $(B)/tests/unit-tests
check-layers: $(B)/libcore.a
	tests/check-layers.sh $(B)/libcore.a
check-circles: $(B)/ircd
	tests/check-circles.sh $(B)
check-ports:
	tests/check-ports.sh
check-portable:
	tests/check-portable.py
check-docs: $(B)/ircd $(B)/tests/unit-tests
	tests/check-docs.sh $(B)/ircd
	python3 tests/torn.py
	tests/check-names.py
# With a sanitizer the programs compute more and wait less, so one runs for each processor.
check-e2e e2e: $(B)/ircd
	$(if $(SAN),IRCD_TEST_JOBS=$(shell nproc)) tests/e2e/run.sh $(B)/ircd
## make check-tls: runs the tests with a running server whose clients speak TLS
# Without those that are about documents and files, and those that try both TLS and plain connections by themselves.
OWN_TRANSPORT := $(patsubst %,tests/e2e/%_test.py,bench_report checks command_line contrib deps documents documents_web \
  environment http include install pages readme run setup slowloris starts tls tls_offer web_fronts websocket websocket_policy)
check-tls: $(B)/ircd
	IRCD_TEST_TLS=1 $(if $(SAN),IRCD_TEST_JOBS=$(shell nproc)) tests/e2e/run.sh $(B)/ircd \
	  $(filter-out $(OWN_TRANSPORT),$(wildcard tests/e2e/*_test.py))

## make check-ws: runs those with a running server that are about lines, with clients that speak WebSocket, a few also over TLS
WS_TESTS := $(patsubst %,tests/e2e/%_test.py,story user oper flood strike socket ctl ctl_hard \
  limits proxy relisten restart run store)
check-ws: $(B)/ircd
	IRCD_TEST_WS=1 tests/e2e/run.sh $(B)/ircd $(WS_TESTS)
	IRCD_TEST_WS=1 IRCD_TEST_TLS=1 tests/e2e/run.sh $(B)/ircd $(patsubst %,tests/e2e/%_test.py,story user socket limits)

## make musl: compiles all files of src/ with musl; make port: builds the server as for macOS, as far as Linux can, and runs it
# A system without a sandbox, whose headers have less (tests/port/macos.h); sandbox_openbsd.c is compiled too.
.PHONY: musl port objects
BARE := sandbox_none sandbox_root
objects: $(CORE) $(SHELL_OBJ) $(MAIN)
musl:
	tests/port/musl.sh build/musl/include
	@$(MAKE) $(PARTS) B=build/musl CC=musl-gcc FORTIFY= CFLAGS="-O0 -idirafter build/musl/include" \
	  objects $(patsubst src/%.c,build/musl/src/%.o,$(SANDBOX_OTHERS))
port:
	@$(MAKE) $(PARTS) B=build/port FORTIFY= CFLAGS="-O0 -include tests/port/macos.h" \
	  SANDBOX_Linux="$(BARE)" SANDBOX_ALL="$(SANDBOX_ALL)" SANDBOX_LIBS_Linux= build/port/ircd
	@$(MAKE) $(PARTS) B=build/port/bsd FORTIFY= CFLAGS="-O0 -include tests/port/bsd.h" build/port/bsd/src/net/os.o
	tests/port/run.sh build/port/ircd

## make clients: runs irssi, WeeChat, HexChat and catgirl, as Debian ships them, against the server, scanners of
##   TLS, and Prometheus
clients: all
	IRCD_TEST_SHOT="$(CURDIR)/$(B)" tests/clients/run.sh $(B)/ircd

# Those of the next goals that are given together boot their containers one after the other; what is built for them is
# built beside.
after = $(filter $(1),$(MAKECMDGOALS))
package-test: | $(call after,boot)
newcomer: | $(call after,boot package-test)
container: | $(call after,boot package-test newcomer)
documents: | $(call after,boot package-test newcomer container)
# The Debian that the containers have, from the sources of apt.
$(B)/rootfs/base.tar $(B)/rootfs/systemd.tar package: | $(DEPS_FIRST)
$(B)/rootfs/base.tar $(B)/rootfs/systemd.tar:
	tests/rootfs.sh $(B) $(basename $(@F))

## make boot: boots systemd in a container, and tests the service in it (as root)
.PHONY: boot
boot: all
	tests/boot/run.sh $(B)

## make documents: runs in a container what the documents tell root to type (as root)
.PHONY: documents
documents: all $(if $(wildcard build/deb/*.deb),,package)
	tests/boot/run.sh $(B) documents

## make package: builds the Debian package in build/deb, and checks it with lintian
## make package-test: the same, and installs, upgrades, removes and purges it in a container (as root)
# The package does not run its tests, because they are those of `make check`.
.PHONY: package package-test
package:
	DEB_BUILD_OPTIONS=nocheck contrib/make-deb.sh
	lintian --allow-root --fail-on error,warning -E --pedantic build/deb/*.changes
package-test: package $(B)/rootfs/systemd.tar
	tests/package/run.sh $(B)

## make container: builds contrib/Containerfile without docker, and tests the image (as root; make deps-packaging)
.PHONY: container
container: all $(B)/rootfs/base.tar
	tests/container/run.sh $(B)

## make newcomer: plays a newcomer from the installation to the removal, with the package and with `make install` (as
##   root; what was typed and answered is left in build/newcomer)
.PHONY: newcomer
newcomer: all package $(B)/rootfs/systemd.tar
	tests/newcomer/run.sh $(B)

## make crash [ROUNDS=50]: kills the server again and again while it saves
SINGLE_PAIR := $(call objects,tests/e2e/single_pair.c)
$(B)/ircd-single: $(SINGLE_PAIR) $(MAIN) $(B)/libshell.a $(B)/libcore.a
	@echo "  LD $@"
	$Q$(CC) $(ALL_LDFLAGS) -o $@ $^ $(MAIN_LIBS) $(SHELL_LIBS) $(CORE_LIBS)
crash: all $(B)/ircd-single
	tests/e2e/crash.sh $(or $(ROUNDS),50) $(B)/ircd $(B)/ircd-single $(SINGLE_PAIR)

## make soak [COMMANDS=n] [RELOADS=n] [RECORDS=n] [ATTACK=n] [ATTACK_SECONDS=n]: runs the long tests
soak: all $(B)/tests/unit-tests $(B)/tests/shell-tests
	$(call for_tests,COMMANDS RELOADS RECORDS ATTACK ATTACK_SECONDS) tests/soak.sh $(B)

## make defences [NAMES="one two"]: removes one defence after the other; a test must fail each time
defences:
	tests/defences/run.sh $(NAMES)

## make bench [ROUNDS=3] [ROWS="idle"] [SERVERS="floor ircd"] [PEERS=1]: measures the costs of the server
bench: all $(BENCH)
	@$(call for_tests,ROUNDS ROWS SERVERS PEERS) tests/bench/run.sh $(B)

## make fuzz [SECONDS=60] [TARGETS="mask session"]: runs libFuzzer on each kind of input
fuzz:
	tests/fuzz/run.sh $(B)/fuzz $(or $(SECONDS),60) $(TARGETS)

## make cover: runs the tests of `make check` and prints how many lines of each file they run
# The sandbox lets a build with this define write its counters, and umask 0 any user that may enter
# the folder. A program that is killed writes none.
COVER_DIR := $(subst $() ,\ ,$(CURDIR))/build/cover
COVER_CFLAGS := -Og --coverage -Wno-format-overflow -Wno-format-truncation \
  -DSANDBOX_ALSO=\"$(COVER_DIR)\"
COVER_LDFLAGS := --coverage -Wl,--wrap=_exit,--wrap=abort tests/cover_exit.c
COVER_FLAGS = B=build/cover SRC_CFLAGS='$(COVER_CFLAGS)' LDFLAGS='$(COVER_LDFLAGS)'
cover:
	@find build/cover -name '*.gcda' -delete 2>/dev/null || true
	-@umask 0 && $(MAKE) $(JOBS) -Otarget $(COVER_FLAGS) check-core
	-@umask 0 && IRCD_TEST_COVER=1 $(MAKE) $(JOBS) $(COVER_FLAGS) check-e2e
	tests/cover.py build/cover
