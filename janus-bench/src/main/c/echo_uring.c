/*
 * The C twin on io_uring: one thread, one ring, multishot accept, multishot receive into a ring of
 * provided buffers, and a send straight out of the buffer that the bytes came in.
 *
 * A connection has at most one send in flight, because the kernel may interleave two; what arrives
 * meanwhile queues in its buffers. A peer that does not read is paused at PAUSE_AT of them, so the
 * pool bounds this process. (The pause takes effect some dozens of buffers later: about twenty such
 * peers hold the pool and starve the others. The load of the benchmark reads.)
 *
 * Usage: echo_uring [PORT [BATCH]]   (port 0, the default, lets the kernel choose one; Linux 6.1 or newer)
 * With BATCH, a busy server asks for so many completions at once instead of one, without waiting for them: what another
 * way of waiting costs or saves.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SUBMISSIONS = 1024, COMPLETIONS = 8192, BACKLOG = 4096 };
enum { BUFFERS = 1024, BUFFER = 16 * 1024, GROUP = 0, PAUSE_AT = 16, RESUME_AT = 4 };

/* The low bits of a request's user data; the others are the connection. */
enum tag { ACCEPT, RECEIVE, SEND, CANCEL, TAG_MASK = 3 };

struct connection {
  int fd;
  int receiving, sending; /* The kernel holds such a request, and so this connection. */
  int pausing;            /* Its receive is being cancelled. */
  int starving;           /* Its receive found no buffer; it is in the list of these. */
  int ended;              /* The peer sends no more: close when all is sent. */
  int failed;             /* Close at once. */
  int queued, first, last; /* Buffers to send; the first is the one in flight. */
  struct connection *next_starving;
};

static struct io_uring ring;
static struct io_uring_buf_ring *buffer_ring;
static char *buffers;
static int lengths[BUFFERS], next[BUFFERS]; /* Of the buffers that wait to be sent. */
static int free_buffers, returned;          /* The latter since the ring's tail moved. */
static struct connection *starving;
static int listen_fd;
/* Given up for a moment when descriptors run out, so that a waiting peer can be turned away
 * instead of failing every accept for ever. */
static int spare_fd;
static unsigned batch;

static void die(const char *what, int error) {
  fprintf(stderr, "%s: %s\n", what, strerror(error));
  exit(1);
}

static struct io_uring_sqe *next_sqe(void) {
  struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
  while (sqe == NULL) { /* Full: the kernel takes what is there, none of it waits. */
    io_uring_submit(&ring);
    sqe = io_uring_get_sqe(&ring);
  }
  return sqe;
}

static void name(struct io_uring_sqe *sqe, struct connection *c, enum tag tag) {
  io_uring_sqe_set_data64(sqe, (uintptr_t)c | tag);
}

static void give_back(int id) {
  io_uring_buf_ring_add(buffer_ring, buffers + (size_t)id * BUFFER, BUFFER, (unsigned short)id,
                        io_uring_buf_ring_mask(BUFFERS), returned++);
  free_buffers++;
}

static void start_accept(void) {
  struct io_uring_sqe *sqe = next_sqe();
  if (spare_fd < 0) { /* For the one peer to turn away. */
    io_uring_prep_accept(sqe, listen_fd, NULL, NULL, SOCK_CLOEXEC);
  } else {
    io_uring_prep_multishot_accept(sqe, listen_fd, NULL, NULL, SOCK_CLOEXEC);
  }
  name(sqe, NULL, ACCEPT);
}

static void start_receive(struct connection *c) {
  struct io_uring_sqe *sqe = next_sqe();
  io_uring_prep_recv_multishot(sqe, c->fd, NULL, 0, 0);
  sqe->flags |= IOSQE_BUFFER_SELECT;
  sqe->buf_group = GROUP;
  name(sqe, c, RECEIVE);
  c->receiving = 1;
}

static void start_send(struct connection *c) {
  struct io_uring_sqe *sqe = next_sqe();
  /* To wait for all makes the kernel go on after a short send: a short result is then an error. */
  io_uring_prep_send(sqe, c->fd, buffers + (size_t)c->first * BUFFER, (size_t)lengths[c->first],
                     MSG_WAITALL | MSG_NOSIGNAL);
  name(sqe, c, SEND);
  c->sending = 1;
}

static void pause_receive(struct connection *c) {
  struct io_uring_sqe *sqe = next_sqe();
  io_uring_prep_cancel64(sqe, (uintptr_t)c | RECEIVE, 0);
  sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
  name(sqe, NULL, CANCEL);
  c->pausing = 1;
}

static void enqueue(struct connection *c, int id, int length) {
  lengths[id] = length;
  if (c->queued++ == 0) {
    c->first = id;
  } else {
    next[c->last] = id;
  }
  c->last = id;
}

static void dequeue(struct connection *c) {
  int id = c->first;
  c->first = next[id];
  c->queued--;
  give_back(id);
}

/* Shutting down ends what is in flight; only when the kernel holds nothing may the memory go. */
static void fail(struct connection *c) {
  if (!c->failed) {
    c->failed = 1;
    shutdown(c->fd, SHUT_RDWR);
  }
}

/* Starts what the connection's state asks for; every completion ends here. */
static void settle(struct connection *c) {
  if (!c->sending) {
    while (c->failed && c->queued > 0) {
      dequeue(c);
    }
    if (c->queued > 0) {
      start_send(c);
    }
  }
  if (c->failed || c->ended) {
    if (!c->sending && !c->receiving && !c->starving) {
      close(c->fd);
      free(c);
    }
  } else if (c->receiving && !c->pausing && c->queued >= PAUSE_AT) {
    pause_receive(c);
  } else if (!c->receiving && !c->starving && c->queued <= RESUME_AT) {
    start_receive(c);
  }
}

static void accepted(int result, unsigned flags) {
  if (result >= 0 && spare_fd < 0) {
    /* The error may be old and descriptors free again: only where none is left for the spare must
     * this peer go. */
    spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (spare_fd < 0) {
      close(result);
      spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
      result = -EMFILE;
    }
  } else if ((result == -EMFILE || result == -ENFILE) && spare_fd >= 0) {
    close(spare_fd);
    spare_fd = -1;
  }
  struct connection *c = result >= 0 ? calloc(1, sizeof *c) : NULL;
  if (c != NULL) {
    c->fd = result;
    settle(c);
  } else if (result >= 0) {
    close(result);
  }
  /* An accept that has ended goes on; it also ends, as a single one, after each peer turned away. */
  if ((flags & IORING_CQE_F_MORE) == 0) {
    start_accept();
  }
}

static void received(struct connection *c, int result, unsigned flags) {
  if ((flags & IORING_CQE_F_BUFFER) != 0) {
    int id = (int)(flags >> IORING_CQE_BUFFER_SHIFT);
    free_buffers--;
    if (result > 0 && !c->failed) {
      enqueue(c, id, result);
    } else {
      give_back(id);
    }
  }
  /* Asked for by itself: a receive may also end with bytes, when completions overflowed. */
  if ((flags & IORING_CQE_F_MORE) == 0) {
    c->receiving = c->pausing = 0;
  }
  if (result == 0) {
    c->ended = 1;
  } else if (result == -ENOBUFS) {
    c->starving = 1;
    c->next_starving = starving;
    starving = c;
  } else if (result < 0 && result != -ECANCELED) {
    fail(c);
  }
  settle(c);
}

static void sent(struct connection *c, int result) {
  c->sending = 0;
  if (result != lengths[c->first]) {
    fail(c);
  }
  dequeue(c);
  settle(c);
}

/* Their bytes wait in the sockets. Without a free buffer they would only starve again, at once. */
static void feed_starving(void) {
  struct connection *c = starving;
  starving = NULL;
  while (c != NULL) {
    struct connection *following = c->next_starving;
    c->starving = 0;
    settle(c);
    c = following;
  }
}

static void complete(const struct io_uring_cqe *cqe) {
  struct connection *c = (struct connection *)(uintptr_t)(cqe->user_data & ~(__u64)TAG_MASK);
  switch ((enum tag)(cqe->user_data & TAG_MASK)) {
    case ACCEPT:
      accepted(cqe->res, cqe->flags);
      break;
    case RECEIVE:
      received(c, cqe->res, cqe->flags);
      break;
    case SEND:
      sent(c, cqe->res);
      break;
    default: /* A cancellation that came too late. */
      break;
  }
}

/* To wait for one hands out some 20 completions a call on such a ring, and with them those of the
 * sends that succeed at once. Who asks for more gets more, if they are there. */
enum { HANDED_OUT = 20 };

static int submit_and_wait(unsigned taken) {
  if (batch == 0 || taken < HANDED_OUT) {
    return io_uring_submit_and_wait(&ring, 1);
  }
  struct __kernel_timespec none = {0, 0};
  struct io_uring_cqe *first;
  int result = io_uring_submit_and_wait_timeout(&ring, &first, batch, &none, NULL);
  return result == -ETIME ? 0 : result;
}

static void serve(void) {
  unsigned taken = 0;
  for (;;) {
    int result = submit_and_wait(taken);
    if (result < 0 && result != -EINTR && result != -EAGAIN && result != -EBUSY) {
      die("io_uring_enter", -result);
    }
    unsigned head, count = 0;
    struct io_uring_cqe *cqe;
    io_uring_for_each_cqe(&ring, head, cqe) {
      complete(cqe);
      count++;
    }
    io_uring_cq_advance(&ring, count);
    taken = count;
    io_uring_buf_ring_advance(buffer_ring, returned);
    returned = 0;
    if (starving != NULL && free_buffers > 0) {
      feed_starving();
    }
  }
}

static void listen_on(unsigned short port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  int one = 1;
  listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listen_fd < 0) {
    die("socket", errno);
  }
  setsockopt(listen_fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  /* Accepted sockets inherit it, which saves a call for each. */
  setsockopt(listen_fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (bind(listen_fd, (struct sockaddr *)&address, sizeof address) != 0) {
    die("bind", errno);
  }
  if (listen(listen_fd, BACKLOG) != 0) {
    die("listen", errno);
  }
  if (getsockname(listen_fd, (struct sockaddr *)&address, &length) != 0) {
    die("getsockname", errno);
  }
  printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  fflush(stdout);
}

static void open_ring(void) {
  struct io_uring_params params = {
      .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SUBMIT_ALL
               | IORING_SETUP_CQSIZE,
      .cq_entries = COMPLETIONS,
  };
  int result = io_uring_queue_init_params(SUBMISSIONS, &ring, &params);
  if (result < 0) {
    die("io_uring_setup", -result);
  }
  io_uring_register_ring_fd(&ring); /* Makes a call cheaper; without it all works too. */
}

static void provide_buffers(void) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  struct io_uring_buf_reg registration = {.ring_entries = BUFFERS, .bgid = GROUP};
  buffers = aligned_alloc(page, (size_t)BUFFERS * BUFFER);
  buffer_ring = aligned_alloc(page, BUFFERS * sizeof(struct io_uring_buf));
  if (buffers == NULL || buffer_ring == NULL) {
    die("aligned_alloc", ENOMEM);
  }
  io_uring_buf_ring_init(buffer_ring);
  registration.ring_addr = (uintptr_t)buffer_ring;
  int result = io_uring_register_buf_ring(&ring, &registration, 0);
  if (result < 0) {
    die("io_uring_register_buf_ring", -result);
  }
  for (int id = 0; id < BUFFERS; id++) {
    give_back(id);
  }
  io_uring_buf_ring_advance(buffer_ring, returned);
  returned = 0;
}

int main(int argc, char **argv) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  open_ring();
  provide_buffers();
  batch = argc > 2 ? (unsigned)atoi(argv[2]) : 0;
  listen_on((unsigned short)(argc > 1 ? atoi(argv[1]) : 0));
  start_accept();
  serve();
}
