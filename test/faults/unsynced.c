/* What a machine crash leaves: a library for LD_PRELOAD that writes down, after each fsync and fdatasync that succeeded, how long
 * the file was when it began. Bytes beyond that were promised to nobody; the test cuts them off after a kill -9.
 * Lines of the file that UNSYNCED_LOG names: size, path. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static long size_of(int fd) {
  struct stat st;
  return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? (long)st.st_size : -1;
}

static void note(int fd, long size) {
  const char *log = getenv("UNSYNCED_LOG");
  char link[64], path[4096], line[4200];
  if (log == NULL || size < 0) return;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  if (n < 0) return;
  path[n] = 0;
  int length = snprintf(line, sizeof line, "%ld %s\n", size, path);
  int out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (out < 0) return;
  if (write(out, line, (size_t)length) < 0) perror("unsynced");
  close(out);
}

#define WATCH(name)                                              \
  int name(int fd) {                                             \
    static int (*real)(int);                                     \
    if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, #name); \
    long size = size_of(fd);                                     \
    int result = real(fd);                                       \
    if (result == 0) note(fd, size);                             \
    return result;                                               \
  }

WATCH(fsync)
WATCH(fdatasync)
