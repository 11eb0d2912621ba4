# runbox: `make run` and `make check` do everything, packages included; `make` alone builds. V=1 shows
# the commands, CI=1 makes warnings errors and skipped tests failures, B=DIR builds elsewhere.
PREFIX     ?= /usr/local
BINDIR     ?= $(PREFIX)/bin
LIBEXECDIR ?= $(PREFIX)/libexec/runbox
MANDIR     ?= $(PREFIX)/share/man
DATADIR    ?= $(PREFIX)/share/runbox
COMPDIR    ?= $(PREFIX)/share
B          ?= build
VERSION    := 0.1.0
export B CI VERSION

OPT        ?= -O2 -g
WARN       := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla \
              -Wwrite-strings -Wformat=2 $(if $(CI),-Werror)
HARDEN     ?= -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection
ALL_CFLAGS  = -std=gnu17 -D_GNU_SOURCE -I. -I$(B) $(OPT) $(WARN) $(HARDEN) -fno-common -fPIE -MMD -MP \
              -ffunction-sections -fdata-sections -DRUNBOX_VERSION='"$(VERSION)"' \
              -DRUNBOX_LIBEXECDIR='"$(LIBEXECDIR)"' $(SAN) $(CFLAGS)
RELRO      := -Wl,-z,relro,-z,now
# What a run touches lies together: see order.ld. Relocations packed (theirs were 48 and 76 KiB) where libc's start,
# which relocates a static program, can read them.
HASH       := \#
RELR       := $(shell printf '$(HASH)include <features.h>\n$(HASH)if __GLIBC_PREREQ(2,36)\n-Wl,-z,pack-relative-relocs\n$(HASH)endif\n' \
                | $(CC) -E -P - 2>/dev/null)
ORDER       = $(RELR) -Wl,-T,$(filter %/order.ld,$^)
ORDERS     := $(wildcard runtime/order_*.ld runtime/script/order_*.ld)
# Static archives for all but libc: each shared library that a run maps costs it some 60 us (see bench).
# libmnl has no archive in Debian: runbox-loopback has it, for the one run that asks for "loopback".
RUNBOX_LIBS = -l:libcap.a -l:libseccomp.a -l:libjson-c.a -l:libmd.a -l:libpcre2-8.a -l:libkeyutils.a -lm
LUA_CFLAGS := -isystem /usr/include/lua5.4

BUILD_DEPS := gcc binutils libc6-dev libcap-dev libseccomp-dev libmnl-dev liblua5.4-dev libjson-c-dev libmd-dev \
              libpcre2-dev libcgroup-dev libkeyutils-dev
CHECK_DEPS := $(BUILD_DEPS) perl bats jq strace util-linux lua5.4 bubblewrap clang-format-19 cppcheck mandoc \
              cgroup-tools systemd mount e2fsprogs python3 nodejs json-schema-test-suite clang \
              libclang-rt-dev libcap2-bin apparmor keyutils procps bsdextrautils chromium slurm-wlm munge valgrind
# For tests in a virtual machine, where cgroup v2 is alone: part of check where qemu is there already.
VM_DEPS    := qemu-system-x86 qemu-system-common cpio e2fsprogs

# The rooms of runbox, each below those before it (tests/floors.sh).
ROOMS      := $(addprefix runtime/,cmd serve batch fleet monitor broker host state jail caller plan wire) cgroups bundles \
              $(addprefix runtime/,json/schema json) schemas runtime/base
RUNBOX_SRC := $(wildcard $(ROOMS:%=%/*.c))
# main.c and heap.c (malloc itself) are the box program's alone: unit tests link what is left.
SCRIPT_OWN := runtime/script/main.c runtime/script/arena/heap.c
SCRIPT_SRC := $(filter-out $(SCRIPT_OWN),$(wildcard runtime/script/*.c runtime/script/*/*.c)) runtime/json/utf8.c runtime/json/base64.c
RUNBOX_OBJ := $(RUNBOX_SRC:%.c=$(B)/%.o)
SCRIPT_OBJ := $(SCRIPT_SRC:%.c=$(B)/%.o)
PROGRAMS   := $(B)/runbox $(B)/runbox-lua $(B)/runbox-loopback $(B)/runbox-cgroups
UNITS      := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/*.c))
HOSTILE    := $(B)/hostile/monitor/runbox $(B)/hostile/box/runbox-lua
TOOLS      := $(patsubst %.c,$(B)/%,$(wildcard tests/tools/*.c tests/bench/*.c))
# What prove runs: executables that speak TAP, and bats files; TESTS='FILE...' runs those. The longest first, so that none
# of them is what all wait for; last those that tests/tap.sh lets run alone.
LONG       := tests/hostile/calls.bats tests/hostile/allocations.bats tests/escape/escape.sh tests/hostile/calls_small.bats \
              tests/escape/syscalls.sh tests/cli/batch.bats tests/cli/clients.bats tests/hostile/calls_batch.bats \
              tests/hostile/calls_serve.bats tests/cli/serve_rest.bats tests/fuzz/fuzz.sh
ALONE      := $(wildcard tests/cli/limits*.bats) tests/cli/leftovers.bats tests/cli/serve_load.bats
TESTS       = $(if $(HAVE_VM),$(VM_TESTS)) $(LONG) tests/floors.sh tests/lint.sh tests/examples.sh \
              $(UNITS) $(filter-out $(LONG) $(ALONE), $(wildcard tests/cli/*.bats tests/cli/*.sh tests/escape/*.bats \
              tests/escape/*.sh tests/hostile/*.bats)) $(ALONE)
VM_TESTS   := tests/vm/v2.sh
HAVE_VM     = $(shell command -v qemu-system-x86_64)
# Three files at once: with two, two processors were idle three tenths of the time, for most tests wait. Sanitizers compute: two do.
JOBS       ?= 3
PROVE       = prove --jobs $(JOBS) --timer --failures --comments --exec tests/tap.sh

V ?=
Q := $(if $(V),,@)
say = $(if $(V),,@echo '  $(1)  $@')

.PHONY: all run order figures check check-vm fresh-bookworm fresh-trixie tests unit lint floors asan asan-tests fuzz \
        fuzz-programs fuzz-targets analyze analyze-gcc analyze-clang bench deps deps-check deps-vm deps-fresh \
        install clean FORCE
.DELETE_ON_ERROR:

all: $(PROGRAMS)
	@:

run: deps
	@$(MAKE) --no-print-directory all
	$(B)/runbox bundles/examples/hello/

check: deps-check $(if $(filter tests/vm/%,$(TESTS)),deps-vm)
	@$(MAKE) --no-print-directory tests $(if $(filter tests/fuzz/%,$(TESTS)),fuzz-programs)
	$(PROVE) $(TESTS)

check-vm: deps-check deps-vm
	@$(MAKE) --no-print-directory tests
	$(PROVE) $(VM_TESTS)

# Run and check, on a bare Debian 12 or 13.
fresh-bookworm fresh-trixie: fresh-%: deps-fresh
	tests/fresh.sh $*

tests: all $(UNITS) $(TOOLS) $(HOSTILE)
	@:

unit: $(UNITS)
	$(PROVE) $(UNITS)

lint floors:
	tests/$@.sh

# Unit tests, examples and command line with gcc's sanitizers. The box program stays as it is: ASan cannot be
# linked statically, and needs calls that no filter allows: the monitor has none of its own there, hence no
# monitor.bats and broker.bats. No leaks where runbox runs whole: it leaves the memory of a finished run to the kernel. No
# syscalls.bats: its strace would see ASan's own calls; no apparmor.bats: it installs, box program included.
# Slurm, a browser, clients in other languages and completions have nothing to find there that batch.bats and json.bats
# have not; limits, load and what is left are the kernel's; keyring_run looks for keys in all that a monitor has, shadows
# included (keyring and serve use the same keys); script_crash is about a static link; no verdict_ulimit.bats: ASan's
# shadow is terabytes of addresses, and its own tables are data. metered and serve_rest hold work against the clock, whose
# documents cost a sanitizer minutes; unit tests and the fuzzer "cost" have them. And none of those that look at what the
# box does or can see.
NOT_ASAN   := syscalls monitor broker audit apparmor batch_slurm batch_page verdict_ulimit clients base64 completions cpu_time_warm \
              leftovers keyring_run life serve_load limits limits_io limits_instructions limits_page limits_precision limits_rootless \
              deep live where files files_io exposure_addresses exposure_ids serve_escape serve_isolation network mounts \
              metered serve_rest
ASAN_BATS   = $(filter-out $(NOT_ASAN:%=tests/cli/%.bats),$(filter-out $(ALONE),$(wildcard tests/cli/*.bats)) $(ALONE))
asan: deps-check
	@$(MAKE) --no-print-directory all
	@$(MAKE) --no-print-directory JOBS=2 B=$(B)-asan PLAIN=$(B) HARDEN= OPT='-O1 -g' \
	        SAN='-fsanitize=address,undefined -fno-sanitize-recover=all' asan-tests
ASAN_UNITS  = $(filter-out %/script_crash,$(UNITS))
asan-tests: $(filter-out $(B)/runbox-lua,$(PROGRAMS)) $(ASAN_UNITS) $(TOOLS)
	install $(PLAIN)/runbox-lua $(B)/runbox-lua
	$(PROVE) $(ASAN_UNITS)
	SANITIZED=1 ASAN_OPTIONS=detect_leaks=0:handle_segv=0:quarantine_size_mb=1 $(PROVE) tests/examples.sh $(ASAN_BATS)

# gcc's and clang's analyzers over every source of the programs, each finding an error. As written (-O0): what
# the optimizer makes of code is not what they know. Off: malloc-leak of gcc 12, which calls memory lost that
# was stored through a parameter (a list's item, a plan's member); leaks are asan's and valgrind's to find.
ANALYZED    = $(sort $(RUNBOX_SRC) $(SCRIPT_OWN) $(SCRIPT_SRC) runtime/main.c $(wildcard runtime/jail/loopback/*.c \
              runtime/plan/stock/*.c cgroups/admin/*.c))
$(B)/analyze/%: private OPT := -O0
$(B)/analyze/%: private HARDEN :=
$(B)/analyze/%: private WARN := -Werror
analyze: deps-check
	@$(MAKE) --no-print-directory $(UNITS)
	tests/analyze.sh
analyze-gcc: $(ANALYZED:%.c=$(B)/analyze/%.gcc)
	@echo '$(words $^) sources'
analyze-clang: $(ANALYZED:%.c=$(B)/analyze/%.clang)
	@echo '$(words $^) sources'

# Each target for a minute from its corpus; part of check for ten seconds each. What is found lies in
# $(B)-fuzz/found; tests/fuzz/README.md says what to do with it.
FUZZERS     = $(patsubst %.c,$(B)/%,$(wildcard tests/fuzz/*.c))
FUZZ_SAN   := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
# clang builds the rest too, whose warnings are gcc's to give; those of the targets count.
FUZZ_WARN  := -Wshadow -Wconversion $(if $(CI),-Werror)
fuzz: deps-check
	@$(MAKE) --no-print-directory fuzz-programs
	FUZZ_SECONDS=$${FUZZ_SECONDS:-60} tests/fuzz/fuzz.sh
fuzz-programs:
	@$(MAKE) --no-print-directory B=$(B)-fuzz CC=clang HARDEN= OPT='-O1 -g' SAN='$(FUZZ_SAN)' \
	        WARN='-Wall -Wextra -Wno-unknown-attributes' fuzz-targets
fuzz-targets: $(FUZZERS)
	@:

bench: deps-check
	@$(MAKE) --no-print-directory all $(B)/tests/bench/compare $(B)/tests/bench/schema $(B)/tests/bench/wire \
	        $(B)/tests/bench/fleet
	tests/bench/bench.sh

# How much there is to read, counted: now, and as it was at each of REVISIONS.
figures:
	tests/bench/figures.py $(REVISIONS)

# The linker's lists of what a run executes, made anew. Linked with maps, of objects that need not be built again.
order:
	@$(MAKE) --no-print-directory all $(B)/tests/tools/touched
	@for program in runbox runbox-lua; do rm $(B)/$$program && \
	        $(MAKE) --no-print-directory $(B)/$$program CFLAGS="-Wl,-Map=$(B)/$$program.map" || exit; done
	tests/bench/order.py $(B)

deps:
	@tests/deps.sh $(BUILD_DEPS)
deps-check:
	@tests/deps.sh $(CHECK_DEPS)
deps-vm: deps-check
	@tests/deps.sh $(VM_DEPS)
deps-fresh:
	@tests/deps.sh git util-linux debootstrap

install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBEXECDIR)
	install $(B)/runbox $(DESTDIR)$(BINDIR)
	install $(filter-out $(B)/runbox,$(PROGRAMS)) $(DESTDIR)$(LIBEXECDIR)
	install -D -m 644 -t $(DESTDIR)$(DATADIR)/cgconfig cgroups/cgconfig/*
	install -D -m 644 -t $(DESTDIR)$(DATADIR)/systemd cgroups/systemd/* contrib/systemd/*
	install -D -m 644 -t $(DESTDIR)$(DATADIR)/apparmor contrib/apparmor/*
	install -D -t $(DESTDIR)$(DATADIR)/slurm contrib/slurm/*
	install -D -m 644 contrib/completions/runbox.bash $(DESTDIR)$(COMPDIR)/bash-completion/completions/runbox
	install -D -m 644 -t $(DESTDIR)$(COMPDIR)/zsh/site-functions contrib/completions/_runbox
	install -D -m 644 -t $(DESTDIR)$(COMPDIR)/fish/vendor_completions.d contrib/completions/runbox.fish
	for page in man/*.[1-8]; do \
	    install -D -m 644 $$page $(DESTDIR)$(MANDIR)/man$${page##*.}/$${page#man/} || exit; done

clean:
	rm -rf $(B) $(B)-asan $(B)-fuzz

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) $(if $(filter runtime/script/% tests/fuzz/%,$<),$(LUA_CFLAGS)) -c $< -o $@

$(B)/analyze/%.gcc: %.c $(B)/gen/stock_filters.h
	@mkdir -p $(@D)
	$(call say,GCC)
	$(Q)gcc $(ALL_CFLAGS) $(if $(filter runtime/script/%,$<),$(LUA_CFLAGS)) -MF $@.d -MT $@ -fanalyzer \
	        -Wno-analyzer-malloc-leak -c $< -o /dev/null && touch $@
$(B)/analyze/%.clang: %.c $(B)/gen/stock_filters.h
	@mkdir -p $(@D)
	$(call say,CLANG)
	$(Q)clang $(ALL_CFLAGS) $(if $(filter runtime/script/%,$<),$(LUA_CFLAGS)) -MF $@.d -MT $@ --analyze \
	        --analyzer-output text -Xclang -analyzer-werror $< && touch $@

# The one object that knows where it is installed: built again when that changes.
$(B)/libexecdir: FORCE
	@mkdir -p $(@D)
	@echo '$(LIBEXECDIR)' | cmp -s - $@ || echo '$(LIBEXECDIR)' > $@
$(B)/runtime/jail/exe.o: $(B)/libexecdir

# The assembler includes them: the compiler's list of dependencies does not know.
$(B)/schemas/embedded.o: $(wildcard schemas/*.schema.json schemas/meta/*.json)

$(B)/runbox: $(B)/runtime/main.o $(RUNBOX_OBJ) runtime/order.ld $(ORDERS)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) $(if $(SAN),-pie,-static-pie) $(RELRO) $(ORDER) $(filter %.o,$^) -o $@ $(RUNBOX_LIBS)

$(B)/runbox-loopback: $(B)/runtime/jail/loopback/main.o $(B)/runtime/jail/loopback/answer.o
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) -pie $(RELRO) $^ -o $@ -lmnl

# For doctor alone: libcgroup's archive would bring NSS, which wants its shared libraries at run time.
$(B)/runbox-cgroups: $(B)/cgroups/admin/main.o
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) -pie $(RELRO) $^ -o $@ -lcgroup

# The stock seccomp programs: compiled here, so that a run spends nothing on libseccomp.
$(B)/gen/compile: runtime/plan/stock/compile.c runtime/plan/stock/monitor.c \
                  $(B)/runtime/plan/rules.o $(B)/schemas/fault.o
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) -pie $(filter %.c %.o,$^) -o $@ -l:libseccomp.a
$(B)/gen/stock_filters.h: $(B)/gen/compile
	$(call say,GEN)
	$(Q)$< > $@.new && mv $@.new $@
$(B)/runtime/plan/filter.o: $(B)/gen/stock_filters.h

# What must not run behind the box's filter, and what runs instead. The linker leads every caller there, those inside
# libc.a too, and nothing of the C library is defined a second time; a name that this one has not costs nothing.
GIVES_UP   := abort __assert_fail __chk_fail __fortify_fail __libc_assert_fail __libc_fatal __libc_message \
              __libc_message_impl __stack_chk_fail __stack_chk_fail_local
instead     = -Wl,--wrap=$(1),--defsym=__wrap_$(1)=$(2)
CRASHES     = $(foreach f,$(GIVES_UP),$(call instead,$(f),crash))
# No address is shown: tostring and %p ask here, from wherever in Lua; and a C function is none (closures.c).
ADDRESSES   = $(call instead,lua_topointer,identity_of) $(call instead,lua_pushcclosure,closures_push) \
              $(call instead,luaL_setfuncs,closures_set)
INSTEAD     = $(CRASHES) $(call instead,time,heap_time) $(ADDRESSES) \
              $(call instead,fopen64,files_open)

# The box program: static-pie, so that it needs no loader and no file of the host's inside its root.
# Debian's Lua, its functions moved to multiples of a cache line: where luaV_execute happens to begin
# makes up to a tenth of n-body's time (user time, minima of 16 alternating runs: 404 ms, then 368; lua5.4: 355).
$(B)/runbox-lua: $(SCRIPT_OWN:%.c=$(B)/%.o) $(SCRIPT_OBJ) $(B)/gen/liblua.a runtime/script/order.ld $(ORDERS)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) -static-pie $(RELRO) $(ORDER) $(INSTEAD) $(filter %.o %.a,$^) -o $@ -lm
$(B)/gen/liblua.a:
	@mkdir -p $(@D)
	$(Q)objcopy --set-section-alignment .text=64 $$($(CC) -print-file-name=liblua5.4.a) $@

# An archive of each room: a test is linked with the highest one that it includes a header of, and with those below, so that it
# waits for no other to be built. A room that calls one above it fails here.
define archive
$(B)/rooms/$(subst /,-,$(1)).a: $(patsubst %.c,$(B)/%.o,$(wildcard $(1)/*.c))
	@mkdir -p $$(@D)
	$$(call say,AR)
	$$(Q)rm -f $$@ && ar rcsT $$@ $$^
endef
$(foreach room,$(ROOMS),$(eval $(call archive,$(room))))
from        = $(if $(filter $(1),$(firstword $(2))),$(2),$(if $(2),$(call from,$(1),$(wordlist 2,99,$(2)))))
UNIT_ROOMS := $(shell awk -v rooms='$(ROOMS)' -f tests/rooms.awk tests/unit/*.c)
archives    = $(patsubst %,$(B)/rooms/%.a,$(subst /,-,$(call from,$(patsubst $(1)=%,%,$(filter $(1)=%,$(UNIT_ROOMS))),$(ROOMS))))

# Tests and tools. A unit test of script/ is linked with the box's objects. How the box program gives up is a matter of its link:
# static, and all of it.
$(B)/tests/unit/script_crash: tests/unit/script_crash.c $(B)/runtime/script/core/crash.o
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) $(LUA_CFLAGS) -static-pie $(CRASHES) $(filter %.c %.o,$^) -o $@
$(B)/tests/unit/script_%: tests/unit/script_%.c $(SCRIPT_OBJ)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) $(LUA_CFLAGS) -pie $(ADDRESSES) $(filter %.c %.o,$^) -o $@ -l:liblua5.4.a -lm
$(B)/tests/unit/schema_generated: $(B)/tests/fuzz/judge/hostile.o
$(B)/tests/bench/schema: tests/bench/schema.c $(patsubst %,$(B)/rooms/%.a,runtime-json-schema runtime-json schemas runtime-base)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) -pie $(filter %.c %.a,$^) -o $@ $(RUNBOX_LIBS)
# A fuzz target has both sides of the wire, but for the verbs: archives, so that it gets what it calls.
$(B)/fuzz/monitor.a: $(filter-out $(B)/runtime/cmd/%,$(RUNBOX_OBJ)) $(B)/runtime/jail/loopback/answer.o \
        $(patsubst %.c,$(B)/%.o,$(wildcard tests/fuzz/judge/*.c))
	@mkdir -p $(@D)
	$(call say,AR)
	$(Q)rm -f $@ && ar rcs $@ $^
$(B)/fuzz/script.a: $(filter $(B)/runtime/script/%,$(SCRIPT_OBJ))
	@mkdir -p $(@D)
	$(call say,AR)
	$(Q)rm -f $@ && ar rcs $@ $^
$(B)/tests/fuzz/%: tests/fuzz/%.c $(B)/fuzz/monitor.a $(B)/fuzz/script.a
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) $(FUZZ_WARN) $(LUA_CFLAGS) -fsanitize=fuzzer -pie $(ADDRESSES) $(filter %.c %.a,$^) -o $@ $(RUNBOX_LIBS) \
	    -l:liblua5.4.a -lmnl
# What steers live boxes has its parts in tests/escape.
ESCAPE_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/escape/*.c))
$(B)/tests/tools/attack $(B)/tests/tools/sweep: $(B)/tests/tools/%: tests/tools/%.c $(ESCAPE_OBJ)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) -pie $(filter %.c %.o,$^) -o $@ -l:libseccomp.a
# Runbox as it is, but for an allocator that fails on purpose; each beside the other program as it is.
wraps = $(foreach f,$(1),-Wl,--wrap=$(f))
$(B)/hostile/monitor/runbox: tests/hostile/programs/malloc.c $(B)/runtime/main.o $(RUNBOX_OBJ) $(B)/runbox-lua \
                             runtime/order.ld $(ORDERS)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)install $(B)/runbox-lua $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(if $(SAN),-pie,-static-pie) $(RELRO) $(ORDER) $(filter %.c %.o,$^) -o $@ $(RUNBOX_LIBS) \
	        $(call wraps,malloc calloc realloc reallocarray posix_memalign)
$(B)/hostile/box/runbox-lua: tests/hostile/programs/arena.c $(SCRIPT_OWN:%.c=$(B)/%.o) $(SCRIPT_OBJ) $(B)/gen/liblua.a \
                             $(B)/runbox runtime/script/order.ld $(ORDERS)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)install $(B)/runbox $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LUA_CFLAGS) -static-pie $(RELRO) $(ORDER) $(INSTEAD) $(filter %.c %.o %.a,$^) -o $@ \
	        -lm $(call wraps,boot_read_texts arena_alloc arena_resize arena_lua box_exit_ok)

$(B)/tests/tools/generated: tests/tools/generated.c $(B)/tests/fuzz/judge/hostile.o $(B)/runtime/base/str.o
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) -pie $(filter %.c %.o,$^) -o $@
$(B)/tests/tools/fault: tests/tools/fault.c tests/tools/fault/calls.c
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) -pie $(filter %.c,$^) -o $@
$(B)/tests/%: tests/%.c
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) $(LUA_CFLAGS) -pie $< -o $@ -l:liblua5.4.a -lm

.SECONDEXPANSION:
$(B)/tests/unit/%: tests/unit/%.c $$(call archives,$$*)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) -pie $(filter %.c %.o %.a,$^) -o $@ $(RUNBOX_LIBS)

-include $(shell [ -d $(B) ] && find $(B) -name '*.d')
