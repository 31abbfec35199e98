/* Preloaded into a process by KilledCompressionIT. Of the calls that change files below FAULT_BELOW the one with the number
 * FAULT_AT does not happen: the process is killed (FAULT=kill), or the disk is full from then on (FAULT=full, counts writes). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int calls;

static int is_below(const char *path) {
  const char *below = getenv("FAULT_BELOW");
  return below != NULL && strncmp(path, below, strlen(below)) == 0;
}

/* Whether this call must fail as on a full disk. */
static int fails(const char *path, int is_write) {
  int full = strcmp(getenv("FAULT") ? getenv("FAULT") : "", "full") == 0;
  if (!is_below(path) || (full && !is_write)) return 0;
  int call = __sync_add_and_fetch(&calls, 1);
  int at = atoi(getenv("FAULT_AT"));
  if (!full && call == at) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
  }
  if (full && call >= at) {
    errno = ENOSPC;
    return 1;
  }
  return 0;
}

static int fails_fd(int fd, int is_write) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return fails(path, is_write);
}

ssize_t write(int fd, const void *bytes, size_t count) {
  ssize_t (*next)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
  return fails_fd(fd, 1) ? -1 : next(fd, bytes, count);
}

int fsync(int fd) {
  int (*next)(int) = dlsym(RTLD_NEXT, "fsync");
  return fails_fd(fd, 0) ? -1 : next(fd);
}

int fdatasync(int fd) {
  int (*next)(int) = dlsym(RTLD_NEXT, "fdatasync");
  return fails_fd(fd, 0) ? -1 : next(fd);
}

int rename(const char *from, const char *to) {
  int (*next)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");
  return fails(to, 0) ? -1 : next(from, to);
}

int unlink(const char *path) {
  int (*next)(const char *) = dlsym(RTLD_NEXT, "unlink");
  return fails(path, 0) ? -1 : next(path);
}
