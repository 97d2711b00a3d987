/*
 * The load client: one thread, closed loop, any number of idle connections beside the active ones.
 *
 * Usage: load_epoll HOST PORT CONNECTIONS SIZE DEPTH SECONDS WARMUP IDLE [active PERCENT] [hold]
 *
 * CONNECTIONS + IDLE connections are opened; PERCENT of CONNECTIONS (default 100) keep DEPTH
 * messages of SIZE bytes under way each, the others stay silent. The active ones are spread evenly
 * over all, in the order of opening: otherwise their kernel and user memory would lie together and
 * a large idle population would cost less than it does in life.
 *
 * Lines on stdout: "ready" (all open, load begins), "window start", "window end", then one line of
 * JSON. The harness samples the server when it reads the window lines. With "hold" the client waits
 * for a line on stdin after "ready" and again after the JSON, all connections open and silent, so
 * that what the server does in between belongs to "total_messages" and to nothing else.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 256, CHUNK = 64 * 1024, MAX_OPENING = 256, PER_SOURCE = 20000, DRAIN_SECONDS = 3 };
enum { SUB_BITS = 5, SUB = 1 << SUB_BITS, BUCKETS = 60 * SUB };

struct connection {
  int fd;
  int active;
  int watches_writing;
  unsigned char pattern; /* Every byte of this connection: an echo to the wrong peer shows. */
  uint64_t received;     /* Bytes. */
  uint64_t queued;       /* Bytes given to send or waiting in unsent. */
  uint64_t unsent;
  uint64_t completed; /* Messages. */
  uint64_t *stamps;   /* Start time of message k at k modulo depth. */
};

enum phase { OPENING, WARMUP, WINDOW, DRAIN };

static struct {
  struct sockaddr_in server;
  int total, active;
  uint64_t size, depth;
  double seconds, warmup;
  int hold;
} load;

static enum phase phase = OPENING;
static int epoll_fd;
static struct connection *connections;
static int opened, opening;
static uint64_t messages, total_messages, errors;
static uint64_t histogram[BUCKETS];
static char inbound[CHUNK], outbound[CHUNK];
static int outbound_pattern = -1;

static void die(const char *what) {
  perror(what);
  exit(2);
}

static uint64_t clock_ns(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Logarithmic buckets, each power of two in 32 steps: at most 3 % wide. */
static void record(uint64_t ns) {
  int shift = 63 - __builtin_clzll(ns | 1) - SUB_BITS;
  int index = shift <= 0 ? (int)ns : ((shift + 1) << SUB_BITS) + (int)((ns >> shift) & (SUB - 1));
  histogram[index < BUCKETS ? index : BUCKETS - 1]++;
}

static double bucket_ns(int index) {
  if (index < 2 * SUB) {
    return index;
  }
  int shift = (index >> SUB_BITS) - 1;
  return ((double)(index & (SUB - 1)) + SUB + 0.5) * (double)(1ull << shift);
}

static double percentile_us(double share) {
  uint64_t total = 0, seen = 0;
  for (int i = 0; i < BUCKETS; i++) {
    total += histogram[i];
  }
  for (int i = 0; i < BUCKETS; i++) {
    seen += histogram[i];
    if (seen > 0 && (double)seen >= share * (double)total) {
      return bucket_ns(i) / 1000;
    }
  }
  return 0;
}

static void fail(struct connection *c) {
  errors++;
  close(c->fd);
  c->fd = -1;
  c->unsent = 0;
}

static void watch(struct connection *c, int operation, int writing) {
  struct epoll_event event = {.events = writing ? EPOLLIN | EPOLLOUT : EPOLLIN, .data.ptr = c};
  if (epoll_ctl(epoll_fd, operation, c->fd, &event) != 0) {
    die("epoll_ctl");
  }
  c->watches_writing = writing;
}

static void flush_unsent(struct connection *c) {
  while (c->unsent > 0) {
    size_t length = c->unsent < CHUNK ? (size_t)c->unsent : CHUNK;
    if (outbound_pattern != c->pattern) {
      memset(outbound, c->pattern, load.size * load.depth < CHUNK ? load.size * load.depth : CHUNK);
      outbound_pattern = c->pattern;
    }
    ssize_t sent = send(c->fd, outbound, length, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
      fail(c);
      return;
    }
    c->unsent -= sent > 0 ? (uint64_t)sent : 0;
    if (sent < (ssize_t)length) {
      break;
    }
  }
  if ((c->unsent > 0) != c->watches_writing) {
    watch(c, EPOLL_CTL_MOD, c->unsent > 0);
  }
}

static void queue_messages(struct connection *c, uint64_t count, uint64_t now) {
  for (uint64_t i = 0; i < count; i++) {
    c->stamps[(c->queued / load.size) % load.depth] = now;
    c->queued += load.size;
  }
  c->unsent += count * load.size;
  flush_unsent(c);
}

/* Counts what came back and replaces it by as many new messages. */
static void account(struct connection *c, size_t length) {
  uint64_t now = clock_ns(CLOCK_MONOTONIC);
  unsigned char first = (unsigned char)inbound[0];
  unsigned char last = (unsigned char)inbound[length - 1];
  c->received += length;
  if (c->received > c->queued || first != c->pattern || last != c->pattern) {
    fail(c);
    return;
  }
  uint64_t done = c->received / load.size - c->completed;
  for (uint64_t i = 0; i < done; i++) {
    if (phase == WINDOW) {
      record(now - c->stamps[(c->completed + i) % load.depth]);
    }
  }
  c->completed += done;
  messages += phase == WINDOW ? done : 0;
  total_messages += done;
  if (done > 0 && phase != DRAIN) {
    queue_messages(c, done, now);
  }
}

static void readable(struct connection *c) {
  ssize_t received;
  do {
    received = recv(c->fd, inbound, CHUNK, 0);
    if (received > 0) {
      account(c, (size_t)received);
    }
  } while (received == CHUNK && c->fd >= 0);
  if (received == 0 || (received < 0 && errno != EAGAIN && errno != EINTR)) {
    fail(c);
  }
}

/* One source address for every 20,000 connections: an address has fewer than 30,000 ports. */
static void open_next(void) {
  struct connection *c = &connections[opened];
  int one = 1;
  struct sockaddr_in source = {.sin_family = AF_INET};
  source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)(opened / PER_SOURCE));
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (c->fd < 0) {
    die("socket");
  }
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  if (ntohl(load.server.sin_addr.s_addr) >> 24 == 127
      && bind(c->fd, (struct sockaddr *)&source, sizeof source) != 0) {
    die("bind");
  }
  uint64_t before = (uint64_t)opened * (uint64_t)load.active / (uint64_t)load.total;
  uint64_t after = (uint64_t)(opened + 1) * (uint64_t)load.active / (uint64_t)load.total;
  c->active = after > before;
  c->pattern = (unsigned char)(1 + opened % 251);
  if (connect(c->fd, (struct sockaddr *)&load.server, sizeof load.server) != 0
      && errno != EINPROGRESS) {
    die("connect");
  }
  watch(c, EPOLL_CTL_ADD, 1);
  opened++;
  opening++;
}

static void connected(struct connection *c) {
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &length);
  if (error != 0) {
    errno = error;
    die("connect");
  }
  if (c->active) {
    c->stamps = calloc(load.depth, sizeof *c->stamps);
    if (c->stamps == NULL) {
      die("calloc");
    }
  }
  watch(c, EPOLL_CTL_MOD, 0);
  opening--;
}

/* Handles one batch of events, waiting for it at most until the given time. */
static void turn(uint64_t until) {
  struct epoll_event events[BATCH];
  uint64_t now = clock_ns(CLOCK_MONOTONIC);
  int timeout = now >= until ? 0 : (int)((until - now) / 1000000 + 1);
  int count = epoll_wait(epoll_fd, events, BATCH, timeout);
  for (int i = 0; i < count; i++) {
    struct connection *c = events[i].data.ptr;
    if (phase == OPENING) {
      connected(c);
      continue;
    }
    if (c->fd >= 0 && (events[i].events & EPOLLOUT) != 0) {
      flush_unsent(c);
    }
    if (c->fd >= 0 && (events[i].events & ~(unsigned)EPOLLOUT) != 0) {
      readable(c);
    }
  }
}

static void run_for(double seconds) {
  uint64_t until = clock_ns(CLOCK_MONOTONIC) + (uint64_t)(seconds * 1e9);
  while (clock_ns(CLOCK_MONOTONIC) < until) {
    turn(until);
  }
}

static void open_all(void) {
  uint64_t until = clock_ns(CLOCK_MONOTONIC) + 60ull * 1000000000u;
  while (opened < load.total || opening > 0) {
    while (opened < load.total && opening < MAX_OPENING) {
      open_next();
    }
    turn(until);
    if (clock_ns(CLOCK_MONOTONIC) >= until) {
      fprintf(stderr, "only %d of %d connections opened in 60 s\n", opened - opening, load.total);
      exit(2);
    }
  }
}

/* Lets every message under way come home; one that does not is an error. */
static void drain(void) {
  uint64_t until = clock_ns(CLOCK_MONOTONIC) + (uint64_t)DRAIN_SECONDS * 1000000000u;
  int waiting = 1;
  while (waiting > 0 && clock_ns(CLOCK_MONOTONIC) < until) {
    waiting = 0;
    for (int i = 0; i < load.total; i++) {
      waiting += connections[i].fd >= 0 && connections[i].received != connections[i].queued;
    }
    if (waiting > 0) {
      turn(until);
    }
  }
  errors += (uint64_t)waiting;
}

static void parse(int argc, char **argv) {
  if (argc < 9) {
    fprintf(stderr,
            "usage: load_epoll HOST PORT CONNECTIONS SIZE DEPTH SECONDS WARMUP IDLE"
            " [active PERCENT] [hold]\n");
    exit(2);
  }
  load.server.sin_family = AF_INET;
  load.server.sin_port = htons((unsigned short)atoi(argv[2]));
  if (inet_pton(AF_INET, argv[1], &load.server.sin_addr) != 1) {
    fprintf(stderr, "not an IPv4 address: %s\n", argv[1]);
    exit(2);
  }
  double percent = argc > 10 && strcmp(argv[9], "active") == 0 ? atof(argv[10]) : 100;
  load.hold = argc > 9 && strcmp(argv[argc - 1], "hold") == 0;
  load.active = (int)(atoi(argv[3]) * percent / 100 + 0.5);
  load.size = strtoull(argv[4], NULL, 10);
  load.depth = strtoull(argv[5], NULL, 10);
  load.seconds = atof(argv[6]);
  load.warmup = atof(argv[7]);
  load.total = atoi(argv[3]) + atoi(argv[8]);
  if (load.size == 0 || load.depth == 0 || load.total <= 0) {
    fprintf(stderr, "size, depth and the number of connections must be positive\n");
    exit(2);
  }
}

static void hold(void) {
  int c = load.hold ? getchar() : EOF;
  while (c != '\n' && c != EOF) {
    c = getchar();
  }
}

static void measure(void) {
  phase = WARMUP;
  puts("ready");
  hold();
  uint64_t now = clock_ns(CLOCK_MONOTONIC);
  for (int i = 0; i < load.total; i++) {
    if (connections[i].active) {
      queue_messages(&connections[i], load.depth, now);
    }
  }
  run_for(load.warmup);
  phase = WINDOW;
  puts("window start");
  uint64_t cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
  uint64_t start = clock_ns(CLOCK_MONOTONIC);
  run_for(load.seconds);
  double seconds = (double)(clock_ns(CLOCK_MONOTONIC) - start) / 1e9;
  cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  puts("window end");
  phase = DRAIN;
  drain();
  printf("{\"messages\":%llu,\"seconds\":%.6f,\"p50_us\":%.1f,\"p99_us\":%.1f,"
         "\"client_cpu_seconds\":%.6f,\"total_messages\":%llu,\"errors\":%llu}\n",
         (unsigned long long)messages, seconds, percentile_us(0.50), percentile_us(0.99),
         (double)cpu / 1e9, (unsigned long long)total_messages, (unsigned long long)errors);
  hold();
}

int main(int argc, char **argv) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  setvbuf(stdout, NULL, _IOLBF, 0);
  parse(argc, argv);
  connections = calloc((size_t)load.total, sizeof *connections);
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (connections == NULL || epoll_fd < 0) {
    die("setup");
  }
  open_all();
  measure();
  return errors == 0 ? 0 : 1;
}
