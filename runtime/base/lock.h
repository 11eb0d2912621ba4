/* A file that one process of a user writes at a time. Who may only read the file can keep nobody out: flock(2) lets
 * him, for ever, and so does a lock of fcntl(2) that is simply waited for. */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

/* Lock the regular file that FD, open for reading and writing, is of; never waits. 0, also on a file system without
 * locks; 1 where a process that may be ours has it. The lock is the open file's: it goes with its last descriptor. */
int lock_file(int fd);

#endif
