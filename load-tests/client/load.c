/*
 * The load generator of ../compare: HTTP/1.1 over keep-alive connections, with or without TLS and a client certificate,
 * calls signed in advance, each sent at most once. It costs about 10 us a call, the same for every gateway.
 *
 *   cc -O2 -o load load.c -lssl -lcrypto     (epoll_pwait2: Linux 5.11, glibc 2.35)
 *   load [-c connections] [-d seconds] [-w seconds] [-r calls a second] [-s] [-k certificate-and-key.pem] \
 *        HOST PORT[,PORT...] PATH CALLS
 *
 * Without -r each connection sends its next call when the last is answered. With -r calls are due at a constant rate
 * and a call's time counts from when it was due, so that a gateway that stalls cannot hide it. The calls of the first -w
 * seconds are sent as all others and not counted: then connections are opened. CALLS has lines
 *   T<tab>Name: value<tab>Name: value ...     the header fields of one caller
 *   C<tab>number<tab>value                    one call by that caller, with the value as its DPoP field
 * Without C lines callers call in turn without a proof, for ever. Call i goes to connection i modulo connections,
 * connection j to the port j modulo ports. The run ends, before its time, where a connection has no more calls: from then
 * on fewer would call.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 1 << 17, MAX_CONNECTIONS = 4096, MAX_PORTS = 16, EVENTS = 256 };

typedef struct { const char *text; unsigned length; } Piece;
typedef struct { unsigned caller; Piece proof; } Call;
typedef struct {
  int fd;
  SSL *ssl;
  size_t next;                /* the index of its next call */
  double due, begun;          /* seconds */
  int waiting;                /* for an answer */
  char *out; size_t out_length, out_sent;
  char *in; size_t in_length;
} Connection;

static Piece *callers; static size_t caller_count;
static Call *calls; static size_t call_count;
static Connection connections[MAX_CONNECTIONS];
static int connection_count = 64, epoll_fd, tls;
static double seconds = 10, lead, rate;
static double counted;      /* calls that begin then or later are */
static SSL_CTX *context;
static struct sockaddr_in addresses[MAX_PORTS]; static size_t address_count;
static const char *host, *path;
static unsigned long answers, handled, bad, broken;   /* handled: also those that are not counted */
static int first_bad, ran_out;
static double *times; static size_t time_count, time_room;

static void die(const char *why) { fprintf(stderr, "load: %s: %s\n", why, strerror(errno)); exit(1); }

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void *grown(void *array, size_t count, size_t size) {
  if ((count & (count - 1)) != 0) return array;      /* room doubles at each power of two */
  void *more = realloc(array, (count == 0 ? 1 : count * 2) * size);
  if (more == NULL) die("memory");
  return more;
}

static void read_calls(const char *file) {
  int fd = open(file, O_RDONLY);
  struct stat status;
  if (fd < 0 || fstat(fd, &status) < 0 || status.st_size == 0) die(file);
  char *text = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0), *end = text + status.st_size;
  if (text == MAP_FAILED) die(file);
  for (char *line = text; line < end;) {
    char *stop = memchr(line, '\n', (size_t)(end - line));
    if (stop == NULL) stop = end;
    if (*line == 'T') {
      callers = grown(callers, caller_count, sizeof *callers);
      callers[caller_count++] = (Piece){line + 1, (unsigned)(stop - line - 1)};
    } else if (*line == 'C') {
      char *value;
      calls = grown(calls, call_count, sizeof *calls);
      unsigned caller = (unsigned)strtoul(line + 2, &value, 10);
      calls[call_count++] = (Call){caller, {value + 1, (unsigned)(stop - value - 1)}};
    }
    line = stop + 1;
  }
  if (caller_count == 0) { fprintf(stderr, "load: %s has no caller\n", file); exit(1); }
}

static char *put(char *to, const char *text, size_t length) { memcpy(to, text, length); return to + length; }
static char *puts_to(char *to, const char *text) { return put(to, text, strlen(text)); }

/* Writes the next request; false if this connection has no more calls. */
static int compose(Connection *c) {
  if (call_count > 0 && c->next >= call_count) return 0;
  Piece fields = callers[call_count > 0 ? calls[c->next].caller : c->next % caller_count];
  char *to = c->out;
  to = puts_to(to, "GET "); to = puts_to(to, path); to = puts_to(to, " HTTP/1.1\r\nHost: "); to = puts_to(to, host);
  for (const char *at = fields.text, *end = at + fields.length; at < end; at++) {
    if (*at == '\t') to = puts_to(to, "\r\n"); else *to++ = *at;
  }
  if (call_count > 0 && calls[c->next].proof.length > 0) {
    to = puts_to(to, "\r\nDPoP: ");
    to = put(to, calls[c->next].proof.text, calls[c->next].proof.length);
  }
  to = puts_to(to, "\r\n\r\n");
  c->out_length = (size_t)(to - c->out);
  c->out_sent = 0;
  c->next += (size_t)connection_count;
  return 1;
}

static void attend(Connection *c, int operation, unsigned events) {
  struct epoll_event event = {.events = events, .data.ptr = c};
  if (epoll_ctl(epoll_fd, operation, c->fd, &event) < 0) die("epoll_ctl");
}

static void open_connection(Connection *c) {
  int on = 1;
  c->fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in *address = &addresses[(size_t)(c - connections) % address_count];
  if (c->fd < 0 || connect(c->fd, (struct sockaddr *)address, sizeof *address) < 0) die("connect");
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (tls) {
    c->ssl = SSL_new(context);
    SSL_set_fd(c->ssl, c->fd);
    if (SSL_connect(c->ssl) != 1) { ERR_print_errors_fp(stderr); die("TLS"); }
  }
  fcntl(c->fd, F_SETFL, O_NONBLOCK);
  c->in_length = 0;
  c->waiting = 0;
  attend(c, EPOLL_CTL_ADD, EPOLLIN);
}

static void reopen(Connection *c) {
  broken++;
  if (c->ssl != NULL) { SSL_free(c->ssl); c->ssl = NULL; }
  close(c->fd);
  open_connection(c);
}

static int flush_out(Connection *c) {
  while (c->out_sent < c->out_length) {
    size_t left = c->out_length - c->out_sent;
    long sent = c->ssl != NULL ? SSL_write(c->ssl, c->out + c->out_sent, (int)left)
                               : write(c->fd, c->out + c->out_sent, left);
    if (sent <= 0) {
      if (c->ssl != NULL ? SSL_get_error(c->ssl, (int)sent) == SSL_ERROR_WANT_WRITE : errno == EAGAIN) {
        attend(c, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
        return 1;
      }
      return 0;
    }
    c->out_sent += (size_t)sent;
  }
  return 1;
}

static void begin(Connection *c, double at) {
  if (!compose(c)) { ran_out = 1; return; }
  c->begun = at;
  c->waiting = 1;
  if (!flush_out(c)) reopen(c);
}

/* The length of a whole answer at the start of the buffer, 0 if it is not whole yet, -1 if it is none. */
static long whole(Connection *c) {
  char *head = memmem(c->in, c->in_length, "\r\n\r\n", 4);
  if (head == NULL) return c->in_length == BUFFER ? -1 : 0;
  size_t head_length = (size_t)(head - c->in) + 4;
  *head = 0;
  char *length = strcasestr(c->in, "\ncontent-length:");
  char *chunked = length == NULL ? strcasestr(c->in, "\ntransfer-encoding:") : NULL;
  size_t body = length == NULL ? 0 : strtoul(length + 16, NULL, 10);
  *head = '\r';
  if (chunked != NULL) {
    char *last = memmem(c->in + head_length - 2, c->in_length - head_length + 2, "\r\n0\r\n\r\n", 7);
    return last == NULL ? 0 : last + 7 - c->in;
  }
  return c->in_length >= head_length + body ? (long)(head_length + body) : 0;
}

static void answered(Connection *c, double at) {
  int status = atoi(c->in + 9);
  c->waiting = 0;
  handled++;
  if (c->begun < counted && status >= 200 && status <= 299) return;
  answers++;
  if (status < 200 || status > 299) { bad++; if (first_bad == 0) first_bad = status; }
  if (time_count == time_room) {
    time_room = time_room == 0 ? 1 << 16 : time_room * 2;
    times = realloc(times, time_room * sizeof *times);
    if (times == NULL) die("memory");
  }
  times[time_count++] = at - c->begun;
}

/* Reads what is there; false if the connection ended. */
static int readable(Connection *c) {
  for (;;) {
    long got = c->ssl != NULL ? SSL_read(c->ssl, c->in + c->in_length, (int)(BUFFER - c->in_length))
                              : read(c->fd, c->in + c->in_length, BUFFER - c->in_length);
    if (got <= 0) return c->ssl != NULL ? SSL_get_error(c->ssl, (int)got) == SSL_ERROR_WANT_READ : got < 0 && errno == EAGAIN;
    c->in_length += (size_t)got;
    long length = whole(c);
    if (length < 0) return 0;
    if (length > 0) {
      answered(c, now());
      c->in_length = 0;
      return 1;
    }
  }
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double percentile(double share) {
  return time_count == 0 ? 0 : times[(size_t)(share * (double)(time_count - 1))] * 1000;
}

/* When the next call is due of a connection that is free. */
static double next_due(double latest) {
  double next = latest;
  for (int i = 0; i < connection_count; i++)
    if (!connections[i].waiting && connections[i].due < next) next = connections[i].due;
  return next;
}

/* Waits for events until then; milliseconds are too coarse for calls that are due every few hundred microseconds. */
static int wait_until(double until, struct epoll_event *events) {
  double left = until - now();
  if (left < 0) left = 0;
  struct timespec timeout = {(time_t)left, (long)((left - (double)(time_t)left) * 1e9)};
  return epoll_pwait2(epoll_fd, events, EVENTS, &timeout, NULL);
}

int main(int count, char **arguments) {
  prctl(PR_SET_TIMERSLACK, 1UL, 0, 0, 0);          /* else each call at a constant rate is 50 us late */
  int option;
  const char *certificate = NULL;
  while ((option = getopt(count, arguments, "c:d:w:r:sk:")) != -1) {
    switch (option) {
      case 'c': connection_count = atoi(optarg); break;
      case 'd': seconds = atof(optarg); break;
      case 'w': lead = atof(optarg); break;
      case 'r': rate = atof(optarg); break;
      case 's': tls = 1; break;
      case 'k': tls = 1; certificate = optarg; break;
      default: return 2;
    }
  }
  if (count - optind != 4 || connection_count < 1 || connection_count > MAX_CONNECTIONS || seconds <= 0 || seconds > 600
      || !(lead >= 0 && lead <= 60)) {
    fprintf(stderr, "usage: load [-c 1..4096] [-d seconds] [-w 0..60] [-r rate] [-s] [-k pem] HOST PORT[,PORT...] PATH CALLS\n");
    return 2;
  }
  host = arguments[optind]; path = arguments[optind + 2];
  for (char *port = strtok(arguments[optind + 1], ","); port != NULL && address_count < MAX_PORTS; port = strtok(NULL, ",")) {
    struct sockaddr_in *address = &addresses[address_count++];
    address->sin_family = AF_INET;
    address->sin_port = htons((unsigned short)atoi(port));
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);   /* never anything but this machine */
  }
  if (address_count == 0) { fprintf(stderr, "load: no port\n"); return 2; }
  read_calls(arguments[optind + 3]);
  if (tls) {
    context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_mode(context, SSL_MODE_AUTO_RETRY | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (certificate != NULL && (SSL_CTX_use_certificate_chain_file(context, certificate) != 1
        || SSL_CTX_use_PrivateKey_file(context, certificate, SSL_FILETYPE_PEM) != 1)) {
      ERR_print_errors_fp(stderr);
      return 1;
    }
  }
  if (call_count > 0 && call_count < (size_t)connection_count) {
    fprintf(stderr, "load: %zu calls for %d connections\n", call_count, connection_count);
    return 2;
  }
  epoll_fd = epoll_create1(0);
  for (int i = 0; i < connection_count; i++) {
    Connection *c = &connections[i];
    c->next = (size_t)i;
    c->out = malloc(BUFFER);
    c->in = malloc(BUFFER + 1);
    if (c->out == NULL || c->in == NULL) die("memory");
    open_connection(c);
  }
  double start = now(), end = start + lead + seconds, gap = rate > 0 ? connection_count / rate : 0;
  counted = start + lead;
  for (int i = 0; i < connection_count; i++) {
    Connection *c = &connections[i];
    if (rate > 0) c->due = start + gap * i / connection_count; else begin(c, start);
  }
  struct epoll_event events[EVENTS];
  for (double at = start; at < end && !ran_out; at = now()) {
    int ready = rate > 0 ? wait_until(next_due(end), events) : epoll_wait(epoll_fd, events, EVENTS, 100);
    if (ready < 0 && errno != EINTR) die("epoll");
    for (int i = 0; i < ready; i++) {
      Connection *c = events[i].data.ptr;
      if (events[i].events & EPOLLOUT) {
        attend(c, EPOLL_CTL_MOD, EPOLLIN);
        if (!flush_out(c)) { reopen(c); continue; }
      }
      if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
        int was = c->waiting;
        if (!readable(c)) { reopen(c); was = 1; }
        if (rate == 0 && was && !c->waiting) begin(c, now());
      }
    }
    if (rate > 0) {
      at = now();
      for (int i = 0; i < connection_count; i++) {
        Connection *c = &connections[i];
        if (!c->waiting && c->due <= at) { double due = c->due; c->due += gap; begin(c, due); }
      }
    }
  }
  double took = now() - counted;
  if (took <= 0) {
    fprintf(stderr, "load: the calls ran out before any was counted\n");
    return 1;
  }
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  qsort(times, time_count, sizeof *times, by_value);
  printf("{\"answers\":%lu,\"handled\":%lu,\"seconds\":%.3f,\"bad\":%lu,\"first_bad\":%d,\"broken\":%lu,\"ran_out\":%s,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"p999_ms\":%.3f,"
         "\"client_us\":%.2f}\n",
         answers, handled, took, bad, first_bad, broken, ran_out ? "true" : "false",
         percentile(0.5), percentile(0.99), percentile(0.999),
         handled == 0 ? 0 : ((double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6
                             + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)) / (double)handled);
  return 0;
}
