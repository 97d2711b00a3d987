/*
 * The C twin: the smallest sensible echo server on level-triggered epoll, one thread.
 *
 * It is the yardstick of the comparison, so it does what the Java peers do (one receive per
 * readable event, one send, the unsent rest kept per connection) and nothing they do not do.
 *
 * Usage: echo_epoll [PORT]      (port 0, the default, lets the kernel choose one)
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 256, BUFFER = 16 * 1024, BACKLOG = 4096 };

struct connection {
  int fd;
  char *rest; /* Bytes a short send left over; null while nothing waits. */
  size_t rest_length;
  size_t rest_sent;
};

static int epoll_fd;
static int listen_fd;
/* Given up for a moment when descriptors run out, so that a waiting peer can be turned away
 * instead of keeping the level-triggered listener ready for ever. */
static int spare_fd;
static char buffer[BUFFER];

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void drop(struct connection *c) {
  close(c->fd);
  free(c->rest);
  free(c);
}

/* Watches exactly one direction: a connection with unsent bytes reads nothing more, which is
 * what keeps a peer that never reads from filling this process. */
static int watch(struct connection *c, int operation, unsigned events) {
  struct epoll_event event = {.events = events, .data.ptr = c};
  return epoll_ctl(epoll_fd, operation, c->fd, &event);
}

static void accept_one(int fd) {
  int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  struct connection *c = calloc(1, sizeof *c);
  if (c == NULL) {
    close(fd);
    return;
  }
  c->fd = fd;
  if (watch(c, EPOLL_CTL_ADD, EPOLLIN) != 0) {
    drop(c);
  }
}

static void refuse_one(void) {
  close(spare_fd);
  int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd >= 0) {
    close(fd);
  }
  spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void accept_all(void) {
  for (;;) {
    int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      accept_one(fd);
    } else if (errno == EMFILE || errno == ENFILE) {
      refuse_one();
      return;
    } else if (errno != EINTR && errno != ECONNABORTED) {
      return;
    }
  }
}

/* Keeps what a short send left and turns the connection to writing. */
static int keep_rest(struct connection *c, const char *bytes, size_t length) {
  c->rest = malloc(length);
  if (c->rest == NULL) {
    return -1;
  }
  memcpy(c->rest, bytes, length);
  c->rest_length = length;
  c->rest_sent = 0;
  return watch(c, EPOLL_CTL_MOD, EPOLLOUT);
}

static void readable(struct connection *c) {
  for (;;) {
    ssize_t received = recv(c->fd, buffer, BUFFER, 0);
    if (received < 0 && (errno == EAGAIN || errno == EINTR)) {
      return; /* Level-triggered: what is left is reported again. */
    }
    if (received <= 0) {
      drop(c);
      return;
    }
    ssize_t sent = send(c->fd, buffer, (size_t)received, MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
      sent = 0;
    }
    if (sent < 0) {
      drop(c);
      return;
    }
    if (sent < received) {
      if (keep_rest(c, buffer + sent, (size_t)(received - sent)) != 0) {
        drop(c);
      }
      return;
    }
    if (received < BUFFER) {
      return; /* A short read emptied the socket; asking again would only cost a call. */
    }
  }
}

static void writable(struct connection *c) {
  size_t left = c->rest_length - c->rest_sent;
  ssize_t sent = send(c->fd, c->rest + c->rest_sent, left, MSG_NOSIGNAL);
  if (sent < 0) {
    if (errno != EAGAIN && errno != EINTR) {
      drop(c);
    }
    return;
  }
  c->rest_sent += (size_t)sent;
  if (c->rest_sent == c->rest_length) {
    free(c->rest);
    c->rest = NULL;
    if (watch(c, EPOLL_CTL_MOD, EPOLLIN) != 0) {
      drop(c);
    }
  }
}

static void listen_on(unsigned short port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  int one = 1;
  listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listen_fd < 0) {
    die("socket");
  }
  setsockopt(listen_fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listen_fd, (struct sockaddr *)&address, sizeof address) != 0) {
    die("bind");
  }
  if (listen(listen_fd, BACKLOG) != 0) {
    die("listen");
  }
  if (getsockname(listen_fd, (struct sockaddr *)&address, &length) != 0) {
    die("getsockname");
  }
  printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  fflush(stdout);
}

static void serve(void) {
  struct epoll_event events[BATCH];
  for (;;) {
    int count = epoll_wait(epoll_fd, events, BATCH, -1);
    if (count < 0 && errno != EINTR) {
      die("epoll_wait");
    }
    for (int i = 0; i < count; i++) {
      struct connection *c = events[i].data.ptr;
      if (c == NULL) {
        accept_all();
      } else if (c->rest != NULL) {
        writable(c);
      } else {
        readable(c); /* Errors and hang-ups too: the receive call names them. */
      }
    }
  }
}

int main(int argc, char **argv) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  signal(SIGPIPE, SIG_IGN);
  spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_fd < 0) {
    die("epoll_create1");
  }
  listen_on((unsigned short)(argc > 1 ? atoi(argv[1]) : 0));
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listen_fd, &event) != 0) {
    die("epoll_ctl");
  }
  serve();
}
