# runbox: `make run` and `make check` do everything, including the installation of packages; `make`
# only builds. V=1 shows the commands, CI=1 turns warnings into errors and skipped tests into
# failures, B=DIR builds in another directory, CROSS=aarch64-linux-gnu- builds for another processor
# (its compiler, and its libraries where that finds them: `make deps-cross` installs Debian's),
# SN0INT=no leaves `runbox sandbox` out, and its libraries (the tests want it).
PREFIX     ?= /usr/local
BINDIR     ?= $(PREFIX)/bin
LIBEXECDIR ?= $(PREFIX)/libexec/runbox
MANDIR     ?= $(PREFIX)/share/man
DATADIR    ?= $(PREFIX)/share/runbox
COMPDIR    ?= $(PREFIX)/share
B          ?= build
SN0INT     ?= yes
$(if $(filter yes no,$(SN0INT)),,$(error SN0INT=$(SN0INT): it is yes or no))
VERSION    := 0.1.0
export B CI VERSION

# What the compiler makes runs on the target; gen/compile, made with HOSTCC, on this machine.
ifneq ($(CROSS),)
CC         := $(CROSS)gcc
HOSTCC     ?= cc
endif
HOSTCC     ?= $(CC)
AR         := $(CROSS)ar
OBJCOPY    := $(CROSS)objcopy
NM         := $(CROSS)nm

OPT        ?= -O2 -g
WARN       := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla \
              -Wwrite-strings -Wformat=2 $(if $(CI),-Werror)
HARDEN     ?= -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection
ALL_CFLAGS  = -std=gnu17 -D_GNU_SOURCE -I. -I$(B) $(OPT) $(WARN) $(HARDEN) -fno-common -fPIE -MMD -MP \
              -ffunction-sections -fdata-sections -DRUNBOX_VERSION='"$(VERSION)"' \
              -DRUNBOX_LIBEXECDIR='"$(LIBEXECDIR)"' -DRUNBOX_SN0INT=$(if $(filter no,$(SN0INT)),0,1) $(SAN) $(CFLAGS)
RELRO      := -Wl,-z,relro,-z,now,-z,separate-code
# Functions and data that a run uses are linked side by side: see order.ld. Relocations are packed
# (they took 48 and 76 KiB) if libc's startup code, which relocates a static program, can read them,
# and the linker can do so for this processor.
HASH       := \#
RELR       := $(shell $(CC) -Wl,--help 2>/dev/null | grep -q pack-relative-relocs && printf '$(HASH)include <features.h>\n$(HASH)if __GLIBC_PREREQ(2,36)\n-Wl,-z,pack-relative-relocs\n$(HASH)endif\n' \
                | $(CC) -E -P - 2>/dev/null)
ORDER       = $(RELR) -Wl,-T,$(filter %/order.ld,$^)
ORDERS     := $(wildcard runtime/order_*.ld runtime/script/order_*.ld)
# Static archives for all but libc: each shared library costs a run about 60 us (see bench). Debian
# has no archive of libmnl: only runbox-loopback uses it, for runs that ask for "loopback".
RUNBOX_LIBS = -l:libcap.a -l:libseccomp.a -l:libjson-c.a -l:libmd.a -l:libkeyutils.a -lm
# Of the box programs: libmd for box.std.hash.
SCRIPT_LIBS := -l:libmd.a -lm
# Of runbox-sn0int alone, beside these.
SN0INT_LIBS := -l:libexpat.a -l:libgumbo.a -l:libpcre2-8.a -l:libnettle.a -l:libsodium.a
# Another Lua 5.4: the directory of its headers, and its archive (a path, or -L and -l).
LUA_CFLAGS ?= -isystem /usr/include/lua5.4
LUA_LIBS   ?= -l:liblua5.4.a

BUILD_DEPS := gcc binutils libc6-dev libcap-dev libseccomp-dev libmnl-dev liblua5.4-dev libjson-c-dev libmd-dev \
              unicode-data libcgroup-dev libkeyutils-dev $(if $(filter no,$(SN0INT)),,libexpat1-dev libgumbo-dev libpcre2-dev nettle-dev libsodium-dev)
CHECK_DEPS := $(BUILD_DEPS) perl bats jq strace util-linux lua5.4 bubblewrap clang-format-19 cppcheck mandoc \
              cgroup-tools systemd mount e2fsprogs python3 nodejs libtest-json-schema-acceptance-perl clang \
              libclang-rt-dev libcap2-bin apparmor keyutils procps bsdextrautils chromium slurm-wlm munge valgrind
# For tests in a virtual machine with cgroup v2 only: part of check if qemu is already installed.
VM_DEPS    := qemu-system-x86 qemu-system-common cpio e2fsprogs xz-utils
# To build for arm64 elsewhere, and to test it in a virtual machine.
CROSS_DEPS := make gcc libc6-dev libseccomp-dev gcc-aarch64-linux-gnu \
              unicode-data $(patsubst %,%:arm64,$(filter-out gcc binutils unicode-data,$(BUILD_DEPS)))
ARM64_DEPS := $(CROSS_DEPS) qemu-system-arm qemu-system-common cpio e2fsprogs

# The layers ("rooms") of runbox from top to bottom (tests/floors.sh).
ROOMS      := $(addprefix runtime/,cmd serve batch tenants fleet monitor broker host state jail caller plan wire) cgroups bundles \
              $(addprefix runtime/,json/schema json) schemas runtime/base
RUNBOX_SRC := $(wildcard $(ROOMS:%=%/*.c))
# The mains, start.c and heap.c (malloc itself) belong to the box programs only: unit tests link the rest.
SCRIPT_BOX := runtime/script/start/start.c runtime/script/arena/heap.c
SCRIPT_OWN := runtime/script/main.c $(SCRIPT_BOX)
SN0INT_OWN := runtime/script/main_sn0int.c $(SCRIPT_BOX)
SN0INT_SRC := $(wildcard runtime/script/sn0int/*.c)
SCRIPT_SRC := $(filter-out $(SCRIPT_BOX) $(SN0INT_SRC),$(wildcard runtime/script/*/*.c)) runtime/json/utf8.c runtime/json/base64.c \
              runtime/json/exact.c runtime/base/pass.c runtime/base/suggest.c
RUNBOX_OBJ := $(RUNBOX_SRC:%.c=$(B)/%.o)
SCRIPT_OBJ := $(SCRIPT_SRC:%.c=$(B)/%.o)
SN0INT_OBJ := $(SN0INT_SRC:%.c=$(B)/%.o)
BOXES      := $(B)/runbox-lua $(if $(filter no,$(SN0INT)),,$(B)/runbox-sn0int)
PROGRAMS   := $(B)/runbox $(BOXES) $(B)/runbox-loopback $(B)/runbox-cgroups
UNITS      := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/*.c))
HOSTILE    := $(B)/hostile/monitor/runbox $(B)/hostile/box/runbox-lua $(B)/hostile/lua/runbox-lua
TOOLS      := $(patsubst %.c,$(B)/%,$(wildcard tests/tools/*.c tests/bench/*.c))
# What prove runs: executables that print TAP, and bats files; TESTS='FILE...' selects. The longest
# first, so that the end does not wait for one of them; those that tests/tap.sh runs alone last.
LONG       := tests/hostile/calls.bats tests/hostile/allocations.bats tests/escape/escape.sh tests/hostile/calls_small.bats \
              tests/escape/syscalls.sh tests/cli/batch.bats tests/cli/clients.bats tests/hostile/calls_batch.bats \
              tests/hostile/calls_serve.bats tests/cli/serve_rest.bats tests/fuzz/fuzz.sh
ALONE      := $(wildcard tests/cli/limits*.bats) tests/cli/leftovers.bats tests/cli/serve_load.bats
TESTS       = $(if $(HAVE_VM),$(VM_TESTS)) $(LONG) tests/floors.sh tests/lint.sh tests/examples.sh \
              $(UNITS) $(filter-out $(LONG) $(ALONE), $(wildcard tests/cli/*.bats tests/cli/*.sh tests/escape/*.bats \
              tests/escape/*.sh tests/hostile/*.bats)) $(ALONE)
VM_TESTS   := tests/vm/v2.sh tests/vm/kernels.sh tests/vm/hosts_short.sh
HAVE_VM     = $(shell command -v qemu-system-x86_64)
# Three files in parallel: most tests wait, and with two files, two processors were idle 30 % of the
# time. Under sanitizers tests compute: two are enough.
JOBS       ?= 3
PROVE       = prove --jobs $(JOBS) --timer --failures --comments --exec tests/tap.sh

V ?=
Q := $(if $(V),,@)
say = $(if $(V),,@echo '  $(1)  $@')

.PHONY: all run order figures check check-vm check-hosts check-arm64 fresh-bookworm fresh-trixie tests unit lint floors asan asan-tests \
        fuzz fuzz-programs fuzz-targets analyze analyze-gcc analyze-clang bench deps deps-check deps-vm deps-cross deps-arm64 \
        deps-fresh install clean FORCE
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

# Debian's kernels 5.10, 6.1 and 6.12, each with cgroup v2, hybrid and v1, root and an ordinary user, in hosts of many
# shapes: half an hour or more. What ran, with which layers, or was refused, and why, is in $(B)/hosts.txt.
check-hosts: deps-check deps-vm
	@$(MAKE) --no-print-directory tests
	@prove --timer --failures --comments --exec '' tests/vm/hosts.sh

# The same programs, for arm64, on Debian's kernel for it: an hour, since it is emulated, on two processors.
check-arm64: deps-arm64
	@$(MAKE) --no-print-directory CROSS=aarch64-linux-gnu- B=$(B)-arm64 tests
	@B=$(B)-arm64 prove --timer --failures --comments --exec '' tests/vm/arm64.sh

# `make run` and `make check` on a bare Debian 12 or 13.
fresh-bookworm fresh-trixie: fresh-%: deps-fresh
	tests/fresh.sh $*

tests: all $(UNITS) $(TOOLS) $(HOSTILE)
	@:

unit: $(UNITS)
	$(PROVE) $(UNITS)

lint floors:
	tests/$@.sh

# Unit tests, examples and command-line tests with gcc's sanitizers. The box program is the plain
# one: ASan cannot be linked statically, and needs system calls that no filter allows. The monitor
# has no filter in this build: no monitor, broker, broker_fleet. No leak detection where all of
# runbox runs: it leaves a finished run's memory to the kernel. Also left out: syscalls (its strace
# would show ASan's own calls); apparmor (it installs, box program included); batch_slurm,
# batch_page, clients and completions (they would find nothing that batch.bats and json.bats do
# not); limits, load and leftovers (they test the kernel); keyring_run (it searches all of a
# monitor's memory for keys, ASan's shadow included; keyring and serve use the same keys);
# script_crash (it is about a static link); verdict_ulimit (ASan's shadow takes terabytes of address
# space, and its tables are data); metered and serve_rest (they time documents that take a sanitizer
# minutes; unit tests and the fuzzer "cost" have them); other_lua (it builds without a sanitizer); hosts (it
# is about scripts); all tests of what the box does or sees.
NOT_ASAN   := syscalls monitor broker audit apparmor batch_slurm batch_page verdict_ulimit clients base64 completions cpu_time_warm \
              leftovers keyring_run life serve_load limits limits_io limits_instructions limits_page limits_precision limits_rootless \
              deep live where files files_io other_lua exposure_addresses exposure_ids serve_escape serve_isolation network mounts \
              metered serve_rest broker_fleet diagnosis hosts proc
ASAN_BATS   = $(filter-out $(NOT_ASAN:%=tests/cli/%.bats),$(filter-out $(ALONE),$(wildcard tests/cli/*.bats)) $(ALONE))
asan: deps-check
	@$(MAKE) --no-print-directory all
	@$(MAKE) --no-print-directory JOBS=2 B=$(B)-asan PLAIN=$(B) HARDEN= OPT='-O1 -g' \
	        SAN='-fsanitize=address,undefined -fno-sanitize-recover=all' asan-tests
ASAN_UNITS  = $(filter-out %/script_crash,$(UNITS))
asan-tests: $(filter-out $(BOXES),$(PROGRAMS)) $(ASAN_UNITS) $(TOOLS)
	install $(BOXES:$(B)/%=$(PLAIN)/%) $(B)
	$(PROVE) $(ASAN_UNITS)
	SANITIZED=1 ASAN_OPTIONS=detect_leaks=0:handle_segv=0:quarantine_size_mb=1 $(PROVE) tests/examples.sh $(ASAN_BATS)

# gcc's and clang's analyzers over every source of the programs; each finding is an error. With -O0:
# the analyzers are made for code as written, not as optimized. Off: malloc-leak of gcc 12, which
# reports memory stored through a parameter (a list's item, a plan's member); asan and valgrind
# find leaks.
ANALYZED    = $(sort $(RUNBOX_SRC) $(SCRIPT_OWN) $(SCRIPT_SRC) $(SN0INT_OWN) $(SN0INT_SRC) runtime/main.c $(wildcard runtime/jail/loopback/*.c \
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

# Run each target for a minute, starting from its corpus; check does it for ten seconds each.
# Findings are in $(B)-fuzz/found; tests/fuzz/README.md says how to handle them.
FUZZERS     = $(patsubst %.c,$(B)/%,$(wildcard tests/fuzz/*.c))
FUZZ_SAN   := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
# clang builds the rest too, but there gcc's warnings count; clang's count for the targets.
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

# Count what there is to read: now, and at each of REVISIONS.
figures:
	tests/bench/figures.py $(REVISIONS)

# Regenerate the linker's lists of the functions that a run executes. Only links again, with maps.
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
deps-cross:
	@tests/deps.sh $(CROSS_DEPS)
deps-arm64: deps-check
	@tests/deps.sh $(ARM64_DEPS)
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
	rm -rf $(B) $(B)-asan $(B)-fuzz $(B)-arm64

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) $(if $(filter runtime/script/% tests/fuzz/%,$<),$(LUA_CFLAGS)) -c $< -o $@

$(B)/analyze/%.gcc: %.c $(B)/gen/stock_filters.h $(B)/gen/lua_release.h
	@mkdir -p $(@D)
	$(call say,GCC)
	$(Q)gcc $(ALL_CFLAGS) $(if $(filter runtime/script/%,$<),$(LUA_CFLAGS)) -MF $@.d -MT $@ -fanalyzer \
	        -Wno-analyzer-malloc-leak -c $< -o /dev/null && touch $@
$(B)/analyze/%.clang: %.c $(B)/gen/stock_filters.h $(B)/gen/lua_release.h
	@mkdir -p $(@D)
	$(call say,CLANG)
	$(Q)clang $(ALL_CFLAGS) $(if $(filter runtime/script/%,$<),$(LUA_CFLAGS)) -MF $@.d -MT $@ --analyze \
	        --analyzer-output text -Xclang -analyzer-werror $< && touch $@

# Which Lua it is: asked each time, since its package may have been upgraded.
$(B)/gen/lua_release.h: FORCE
	$(Q)CC='$(CC)' NM='$(NM)' OBJCOPY='$(OBJCOPY)' LUA_CFLAGS='$(LUA_CFLAGS)' LUA_LIBS='$(LUA_LIBS)' \
	        runtime/script/lua.sh $@ $(B)/gen/liblua.a
$(B)/gen/liblua.a: $(B)/gen/lua_release.h
	@:
# First whether runbox knows this Lua: its other files would only say what they miss of another.
RELEASE_OBJ := $(B)/runtime/script/core/release.o
LUA_OBJ     := $(SCRIPT_OBJ) $(SN0INT_OBJ) $(patsubst %.c,$(B)/%.o,$(sort $(SCRIPT_OWN) $(SN0INT_OWN))) $(patsubst %.c,$(B)/%.o,$(wildcard tests/fuzz/judge/*.c))
$(LUA_OBJ): $(B)/gen/lua_release.h
$(filter-out $(RELEASE_OBJ),$(LUA_OBJ)): | $(RELEASE_OBJ)
$(B)/runtime/cmd/version.o: $(B)/gen/lua_release.h

# The only object that contains the installation path: rebuilt when that changes.
$(B)/libexecdir: FORCE
	@mkdir -p $(@D)
	@echo '$(LIBEXECDIR)' | cmp -s - $@ || echo '$(LIBEXECDIR)' > $@
$(B)/runtime/jail/exe.o: $(B)/libexecdir
# The same of SN0INT.
$(B)/sn0int: FORCE
	@mkdir -p $(@D)
	@echo '$(SN0INT)' | cmp -s - $@ || echo '$(SN0INT)' > $@
$(B)/runtime/cmd/sandbox.o $(B)/runtime/cmd/version.o $(B)/runtime/host/checkup.o: $(B)/sn0int

# The sets of \p{...} in patterns, from the Unicode Character Database: made anew when its package was upgraded.
UNICODE    ?= /usr/share/unicode
$(B)/gen/unicode.release: FORCE
	@mkdir -p $(@D)
	@head -n 1 $(UNICODE)/Scripts.txt 2>&1 | cmp -s - $@ || head -n 1 $(UNICODE)/Scripts.txt >$@ 2>&1 || true
$(B)/gen/unicode.h: runtime/json/schema/unicode.pl $(B)/gen/unicode.release
	$(call say,GEN)
	$(Q)perl $< $(UNICODE) > $@.new && mv $@.new $@
$(B)/runtime/json/schema/regex_set.o $(B)/analyze/runtime/json/schema/regex_set.gcc \
    $(B)/analyze/runtime/json/schema/regex_set.clang: $(B)/gen/unicode.h

$(B)/gen/idna.h: runtime/json/schema/idna.pl $(B)/gen/unicode.release
	$(call say,GEN)
	$(Q)perl $< $(UNICODE) > $@.new && mv $@.new $@
$(B)/runtime/json/schema/idna.o $(B)/analyze/runtime/json/schema/idna.gcc $(B)/analyze/runtime/json/schema/idna.clang: $(B)/gen/idna.h

# Included by the assembler (.incbin): missing in the compiler's list of dependencies.
$(B)/runtime/script/lib/std.o: $(wildcard runtime/script/std/*.lua)
$(B)/schemas/embedded.o: $(wildcard schemas/*.schema.json schemas/meta/*.json)

$(B)/runbox: $(B)/runtime/main.o $(RUNBOX_OBJ) runtime/order.ld $(ORDERS)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) $(if $(SAN),-pie,-static-pie) $(RELRO) $(ORDER) $(filter %.o,$^) -o $@ $(RUNBOX_LIBS)

$(B)/runbox-loopback: $(B)/runtime/jail/loopback/main.o $(B)/runtime/jail/loopback/answer.o
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) -pie $(RELRO) $^ -o $@ -lmnl

# For doctor only: libcgroup's archive would pull in NSS, which needs shared libraries at run time.
$(B)/runbox-cgroups: $(B)/cgroups/admin/main.o
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) -pie $(RELRO) $^ -o $@ -lcgroup

# The stock seccomp programs, compiled at build time, so that a run spends no time in libseccomp.
# The compiler runs on this machine and names the target's system calls, flags and audit architecture:
# the target's preprocessor puts in their values, this machine's compiler does the rest. Both are
# little-endian with pointers of 64 bits, and no struct of a system call is used that differs.
COMPILE    := $(addprefix runtime/plan/,stock/compile.c stock/monitor.c stock/broker.c rules.c) schemas/fault.c
$(B)/gen/%.i: %.c
	@mkdir -p $(@D)
	$(call say,CPP)
	$(Q)$(CC) $(ALL_CFLAGS) -U_FORTIFY_SOURCE -E -MF $@.d -MT $@ $< -o $@
$(B)/gen/compile: $(COMPILE:%.c=$(B)/gen/%.i)
	$(call say,LD)
	$(Q)$(HOSTCC) -std=gnu17 $(OPT) $(WARN) $(filter %.i,$^) -o $@ -l:libseccomp.a
$(B)/gen/stock_filters.h: $(B)/gen/compile
	$(call say,GEN)
	$(Q)$< > $@.new && mv $@.new $@
$(B)/runtime/plan/filter.o: $(B)/gen/stock_filters.h

# Functions that must not run under the box's filter, and their replacements. The linker redirects
# all callers, including those inside libc.a, without a second definition of any C library function;
# a name that this C library does not have costs nothing.
GIVES_UP   := abort __assert_fail __chk_fail __fortify_fail __libc_assert_fail __libc_fatal __libc_message \
              __libc_message_impl __stack_chk_fail __stack_chk_fail_local
instead     = -Wl,--wrap=$(1),--defsym=__wrap_$(1)=$(2)
CRASHES     = $(foreach f,$(GIVES_UP),$(call instead,$(f),crash))
# No address is exposed: all of Lua's tostring and %p get theirs here; C functions: see closures.c.
ADDRESSES   = $(call instead,lua_topointer,identity_of) $(call instead,lua_pushcclosure,closures_push) \
              $(call instead,luaL_setfuncs,closures_set)
# What Lua 5.2 does with numbers, for sn0int's modules (runtime/script/sn0int/number.c).
HABITS      = $(call instead,luaO_tostring,number_tostring) $(call instead,luaL_tolstring,number_tolstring) \
              $(call instead,luaL_checkinteger,number_checkinteger) $(call instead,luaL_optinteger,number_optinteger)
INSTEAD     = $(CRASHES) $(call instead,time,heap_time) $(ADDRESSES) \
              $(call instead,fopen64,files_open)

# The box program: static-pie, so that it needs no loader and no file of the host inside its root.
# Lua, with .text aligned to a cache line: the alignment of luaV_execute makes up to a
# tenth of n-body's time (user time, minima of 16 alternating runs: 404 ms before, 368 after;
# lua5.4: 355).
$(B)/runbox-lua: $(SCRIPT_OWN:%.c=$(B)/%.o) $(SCRIPT_OBJ) $(B)/gen/liblua.a runtime/script/order.ld $(ORDERS)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) -static-pie $(RELRO) $(ORDER) $(INSTEAD) $(filter %.o %.a,$^) -o $@ $(SCRIPT_LIBS)

# That of `runbox sandbox`: the same, with sn0int's library and what that needs.
$(B)/runbox-sn0int: $(SN0INT_OWN:%.c=$(B)/%.o) $(SN0INT_OBJ) $(SCRIPT_OBJ) $(B)/gen/liblua.a runtime/script/order.ld $(ORDERS)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) -static-pie $(RELRO) $(ORDER) $(INSTEAD) $(HABITS) $(filter %.o %.a,$^) -o $@ $(SN0INT_LIBS) $(SCRIPT_LIBS)

# An archive per room: a unit test is linked with the highest room whose headers it includes and
# with those below, so that it waits for no other to be built. A room that calls one above it fails
# to link.
define archive
$(B)/rooms/$(subst /,-,$(1)).a: $(patsubst %.c,$(B)/%.o,$(wildcard $(1)/*.c))
	@mkdir -p $$(@D)
	$$(call say,AR)
	$$(Q)rm -f $$@ && $(AR) rcsT $$@ $$^
endef
$(foreach room,$(ROOMS),$(eval $(call archive,$(room))))
from        = $(if $(filter $(1),$(firstword $(2))),$(2),$(if $(2),$(call from,$(1),$(wordlist 2,99,$(2)))))
UNIT_ROOMS := $(shell awk -v rooms='$(ROOMS)' -f tests/rooms.awk tests/unit/*.c)
archives    = $(patsubst %,$(B)/rooms/%.a,$(subst /,-,$(call from,$(patsubst $(1)=%,%,$(filter $(1)=%,$(UNIT_ROOMS))),$(ROOMS))))

# Tests and tools. A unit test of script/ is linked with the box's objects. How the box program
# aborts depends on how it is linked: script_crash is static too, with the same CRASHES.
$(B)/tests/unit/script_crash: tests/unit/script_crash.c $(B)/runtime/script/core/crash.o
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) $(LUA_CFLAGS) -static-pie $(CRASHES) $(filter %.c %.o,$^) -o $@
$(B)/tests/unit/script_filter: $(B)/gen/stock_filters.h
$(B)/tests/unit/script_%: tests/unit/script_%.c $(SCRIPT_OBJ) $(B)/gen/liblua.a
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) $(LUA_CFLAGS) -pie $(ADDRESSES) $(filter %.c %.o %.a,$^) -o $@ $(SCRIPT_LIBS)
$(B)/tests/unit/schema_generated: $(B)/tests/fuzz/judge/hostile.o
$(B)/tests/bench/schema: tests/bench/schema.c $(patsubst %,$(B)/rooms/%.a,runtime-json-schema runtime-json schemas runtime-base)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) -pie $(filter %.c %.a,$^) -o $@ $(RUNBOX_LIBS)
# A fuzz target has both sides of the wire, except runtime/cmd. Archives, to link only what it
# uses.
$(B)/fuzz/monitor.a: $(filter-out $(B)/runtime/cmd/%,$(RUNBOX_OBJ)) $(B)/runtime/jail/loopback/answer.o \
        $(patsubst %.c,$(B)/%.o,$(wildcard tests/fuzz/judge/*.c))
	@mkdir -p $(@D)
	$(call say,AR)
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(B)/fuzz/script.a: $(SCRIPT_OBJ) $(SN0INT_OBJ)
	@mkdir -p $(@D)
	$(call say,AR)
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(B)/tests/fuzz/%: tests/fuzz/%.c $(B)/fuzz/monitor.a $(B)/fuzz/script.a $(B)/gen/liblua.a
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) $(FUZZ_WARN) $(LUA_CFLAGS) -fsanitize=fuzzer -pie $(ADDRESSES) $(filter %.c %.a,$^) -o $@ $(RUNBOX_LIBS) \
	    $(SN0INT_LIBS) -lmnl
# Tools that control live boxes share code in tests/escape.
ESCAPE_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/escape/*.c))
$(B)/tests/tools/attack $(B)/tests/tools/sweep: $(B)/tests/tools/%: tests/tools/%.c $(ESCAPE_OBJ)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) -pie $(filter %.c %.o,$^) -o $@ -l:libseccomp.a
# Each program with an allocator that fails on purpose, installed next to the other one unchanged.
wraps = $(foreach f,$(1),-Wl,--wrap=$(f))
$(B)/hostile/monitor/runbox: tests/hostile/programs/malloc.c $(B)/runtime/main.o $(RUNBOX_OBJ) $(BOXES) \
                             runtime/order.ld $(ORDERS)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)install $(BOXES) $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(if $(SAN),-pie,-static-pie) $(RELRO) $(ORDER) $(filter %.c %.o,$^) -o $@ $(RUNBOX_LIBS) \
	        $(call wraps,malloc calloc realloc reallocarray posix_memalign fork)
$(B)/hostile/box/runbox-lua: tests/hostile/programs/arena.c $(SCRIPT_OWN:%.c=$(B)/%.o) $(SCRIPT_OBJ) $(B)/gen/liblua.a \
                             $(B)/runbox runtime/script/order.ld $(ORDERS)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)install $(B)/runbox $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LUA_CFLAGS) -static-pie $(RELRO) $(ORDER) $(INSTEAD) $(filter %.c %.o %.a,$^) -o $@ \
	        $(SCRIPT_LIBS) $(call wraps,boot_read_texts arena_alloc arena_resize arena_lua box_exit_ok)
# The box program with a Lua whose internals are not those that runbox knows.
$(B)/hostile/lua/runbox-lua: tests/hostile/programs/other_lua.c $(SCRIPT_OWN:%.c=$(B)/%.o) $(SCRIPT_OBJ) $(B)/gen/liblua.a \
                             $(B)/runbox runtime/script/order.ld $(ORDERS)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)install $(B)/runbox $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LUA_CFLAGS) -static-pie $(RELRO) $(ORDER) $(INSTEAD) $(filter %.c %.o %.a,$^) -o $@ \
	        $(SCRIPT_LIBS) $(call wraps,lua_sethook lua_dump)

$(B)/tests/tools/generated: tests/tools/generated.c $(B)/tests/fuzz/judge/hostile.o $(B)/runtime/base/str.o
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) -pie $(filter %.c %.o,$^) -o $@
$(B)/tests/tools/inject: tests/tools/inject.c
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) -pie $< -o $@ -l:libseccomp.a
$(B)/tests/tools/fault: tests/tools/fault.c tests/tools/fault/calls.c
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) -pie $(filter %.c,$^) -o $@
$(B)/tests/tools/refusing $(B)/tests/tools/supervised: $(B)/tests/tools/%: tests/tools/%.c
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) -pie $< -o $@ -l:libseccomp.a
$(B)/tests/tools/profile: tests/tools/profile.c
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) -pie $< -o $@ -l:libseccomp.a -l:libjson-c.a -l:libcap.a
$(B)/tests/%: tests/%.c
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) -pie $< -o $@ -lm

.SECONDEXPANSION:
$(B)/tests/unit/%: tests/unit/%.c $$(call archives,$$*)
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) -pie $(filter %.c %.o %.a,$^) -o $@ $(RUNBOX_LIBS)

-include $(shell [ -d $(B) ] && find $(B) -name '*.d')
