/* The end of a broken process: an illegal instruction, never a system call. */
#ifndef SCRIPT_CORE_CRASH_H
#define SCRIPT_CORE_CRASH_H

_Noreturn void crash(void);

#endif
