/* Lock a file so that one process of a user writes it at a time. A process that may only read the
 * file cannot keep writers out, as it could, forever, with flock(2) or a blocking fcntl(2) lock. */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

/* Lock the regular file open for reading and writing as FD; never waits. 0, also on a file system
 * without locks; 1 if a process that may be ours holds the lock. The lock belongs to the open file
 * description and is released with its last descriptor. */
int lock_file(int fd);

#endif
