# The environment of `make asan`; to be sourced.
# detect_leaks=0: runbox leaves the memory of a finished run to the kernel, on purpose; and the leak checker
# cannot ptrace an undumpable process. The cloned child shares the monitor's memory up to its exec on a
# stack of its own, which ASan must not take for an overflow: no use-after-return checks, no alternate stack.
export ASAN_OPTIONS=detect_leaks=0:detect_stack_use_after_return=0:use_sigaltstack=0:abort_on_error=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
