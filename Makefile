# runbox: `make` builds build/runbox and build/runbox-lua; `make run`, `make check` do everything else.
PREFIX     ?= /usr/local
BINDIR     ?= $(PREFIX)/bin
LIBEXECDIR ?= $(PREFIX)/libexec/runbox
MANDIR     ?= $(PREFIX)/share/man
B          ?= build
VERSION    := 0.1.0

CC         ?= gcc
OPT        ?= -O2 -g
WARN       := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla \
              -Wwrite-strings -Wformat=2 $(if $(CI),-Werror)
HARDEN     ?= -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection
ALL_CFLAGS  = -std=gnu17 -D_GNU_SOURCE -I. -I$(B) $(OPT) $(WARN) $(HARDEN) -fno-common -fPIE -MMD -MP \
              -DRUNBOX_VERSION='"$(VERSION)"' -DRUNBOX_LIBEXECDIR='"$(LIBEXECDIR)"' $(SAN) $(CFLAGS)
RELRO      := -Wl,-z,relro,-z,now
# Static archives for all but libc: each shared library that a run maps costs it some 60 us (see bench).
# libmnl has no archive in Debian: runbox-loopback has it, for the one run that asks for "loopback".
RUNBOX_LIBS = -l:libcap.a -l:libseccomp.a -l:libjson-c.a -l:libmd.a -l:libpcre2-8.a -lm
LUA_CFLAGS := -isystem /usr/include/lua5.4

RUNBOX_SRC := $(filter-out runtime/main.c,$(wildcard schemas/*.c bundles/*.c cgroups/*.c \
              $(patsubst %,runtime/%/*.c,base plan jail wire monitor state fleet cmd)))
# main.c and heap.c (malloc itself) are the box program's alone: unit tests link what is left.
SCRIPT_OWN := runtime/script/main.c runtime/script/heap.c
SCRIPT_SRC := $(filter-out $(SCRIPT_OWN),$(wildcard runtime/script/*.c))
RUNBOX_OBJ := $(RUNBOX_SRC:%.c=$(B)/%.o)
SCRIPT_OBJ := $(SCRIPT_SRC:%.c=$(B)/%.o)
UNIT_SRC   := $(wildcard tests/unit/*.c)
TOOL_SRC   := $(wildcard tests/tools/*.c)
UNITS      := $(UNIT_SRC:%.c=$(B)/%)
TOOLS      := $(TOOL_SRC:%.c=$(B)/%)

all: $(B)/runbox $(B)/runbox-lua $(B)/runbox-loopback

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(if $(filter runtime/script/%,$<),$(LUA_CFLAGS)) -c $< -o $@

$(B)/runbox: $(B)/runtime/main.o $(RUNBOX_OBJ)
	$(CC) $(ALL_CFLAGS) $(if $(SAN),-pie,-static-pie) $(RELRO) $^ -o $@ $(RUNBOX_LIBS)

$(B)/runbox-loopback: $(B)/runtime/jail/loopback/main.o
	$(CC) $(ALL_CFLAGS) -pie $(RELRO) $^ -o $@ -lmnl

# The stock seccomp programs: compiled here, so that a run spends nothing on libseccomp.
$(B)/gen/compile: runtime/plan/stock/compile.c $(B)/runtime/plan/rules.o $(B)/schemas/fault.o
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -pie $(filter %.c %.o,$^) -o $@ -l:libseccomp.a
$(B)/gen/stock_filters.h: $(B)/gen/compile
	$< > $@.new && mv $@.new $@
$(B)/runtime/plan/filter.o: $(B)/gen/stock_filters.h

# The box program: static-pie, so that it needs no loader and no file of the host's inside its root.
# ASan cannot be linked statically: the asan build leaves this program as it is.
$(B)/runbox-lua: $(SCRIPT_OWN:%.c=$(B)/%.o) $(SCRIPT_OBJ)
	$(CC) $(ALL_CFLAGS) -static-pie $(RELRO) $^ -o $@ -l:liblua5.4.a -lm

# Tests and tools. A unit test of script/ is linked with the box's objects, any other with the monitor's.
$(B)/tests/unit/script_%: tests/unit/script_%.c $(SCRIPT_OBJ)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LUA_CFLAGS) -pie $(filter %.c %.o,$^) -o $@ -l:liblua5.4.a -lm
$(B)/tests/unit/%: tests/unit/%.c $(RUNBOX_OBJ)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -pie $(filter %.c %.o,$^) -o $@ $(RUNBOX_LIBS)
$(B)/tests/tools/%: tests/tools/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LUA_CFLAGS) -pie $< -o $@ -l:liblua5.4.a -lm

-include $(shell [ -d $(B) ] && find $(B) -name '*.d')
