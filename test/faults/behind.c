/* A machine whose clock was set wrong: a library for LD_PRELOAD whose wall clock is CLOCK_BEHIND seconds behind. Durations
 * stay as they are. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static long behind(void) {
  const char *seconds = getenv("CLOCK_BEHIND");
  return seconds == NULL ? 0 : atol(seconds);
}

int gettimeofday(struct timeval *restrict tv, void *restrict zone) {
  static int (*real)(struct timeval *restrict, void *restrict);
  if (real == NULL) real = (int (*)(struct timeval *restrict, void *restrict))dlsym(RTLD_NEXT, "gettimeofday");
  int result = real(tv, zone);
  if (result == 0 && tv != NULL) tv->tv_sec -= behind();
  return result;
}

int clock_gettime(clockid_t clock, struct timespec *ts) {
  static int (*real)(clockid_t, struct timespec *);
  if (real == NULL) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  int result = real(clock, ts);
  if (result == 0 && clock == CLOCK_REALTIME) ts->tv_sec -= behind();
  return result;
}
