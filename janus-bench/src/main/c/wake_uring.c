/*
 * What it costs to wake a thread that sleeps in io_uring_enter, by five ways.
 *
 * The waiter has a ring as Janus sets it up (SINGLE_ISSUER, DEFER_TASKRUN) and runs on the second core, the waker on
 * the first. "call" is the time of the waker's call while the waiter sleeps, "seen" the time from that call to the
 * waiter's return from its wait, "awake" the call's time while the waiter is busy. Medians, in microseconds.
 *
 * Usage: wake_uring [ROUNDS]
 */
#define _GNU_SOURCE
#include <errno.h>
#include <liburing.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum way { EVENTFD_POLL, EVENTFD_READ, MESSAGE_FROM_RING, MESSAGE_WITHOUT_RING, FUTEX, WAYS };
static const char *const names[WAYS] = {
    "eventfd, repeated poll, never read", "eventfd, a read in flight", "MSG_RING from a ring of the waker's",
    "MSG_RING by io_uring_register", "futex, a FUTEX_WAIT in flight"};

enum { PAUSE_NANOS = 200 * 1000 };

/* Newer than the headers of some distributions: futex2(2) with 32 bits, private. */
enum { OP_FUTEX_WAIT = 51, REGISTER_SEND_MSG_RING = 31, NR_FUTEX_WAKE = 454, FUTEX_FLAGS = 2 | 128 };

static enum way way;
static int rounds;
static struct io_uring ring;
static int event;
static uint64_t event_value;
static _Atomic uint32_t futex_word;
/* Wakes asked for, and the last one that the waiter has seen with its time. */
static _Atomic int asked, seen;
static _Atomic long seen_at;
static _Atomic int busy, stopping;

static void die(const char *what, int error) {
  fprintf(stderr, "%s: %s\n", what, strerror(error));
  exit(1);
}

static long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void pin(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  sched_setaffinity(0, sizeof set, &set);
}

static void set_up(struct io_uring *r, unsigned flags) {
  struct io_uring_params params = {.flags = flags};
  int result = io_uring_queue_init_params(256, r, &params);
  if (result < 0) {
    die("io_uring_setup", -result);
  }
}

static void arm(void) {
  struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
  switch (way) {
    case EVENTFD_POLL:
      io_uring_prep_poll_multishot(sqe, event, POLLIN | (1u << 31));
      break;
    case EVENTFD_READ:
      io_uring_prep_read(sqe, event, &event_value, sizeof event_value, 0);
      break;
    case FUTEX:
      io_uring_prep_rw(OP_FUTEX_WAIT, sqe, FUTEX_FLAGS, &futex_word, 0, atomic_load(&futex_word));
      sqe->addr3 = FUTEX_BITSET_MATCH_ANY;
      break;
    default:
      io_uring_prep_nop(sqe); /* A message needs nothing in flight. */
  }
}

static void *wait_for_wakes(void *ready) {
  pin(1);
  set_up(&ring, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN);
  arm();
  io_uring_submit(&ring);
  pthread_barrier_wait(ready);
  while (!atomic_load(&stopping)) {
    if (atomic_load(&busy)) {
      io_uring_get_events(&ring);
    } else {
      int result = io_uring_submit_and_wait(&ring, 1);
      if (result < 0 && result != -EINTR) {
        die("io_uring_enter", -result);
      }
    }
    long at = now();
    struct io_uring_cqe *cqe;
    unsigned head, count = 0;
    int again = 0;
    io_uring_for_each_cqe(&ring, head, cqe) {
      again |= (way == EVENTFD_READ || way == FUTEX) || (way == EVENTFD_POLL && !(cqe->flags & IORING_CQE_F_MORE));
      count++;
    }
    io_uring_cq_advance(&ring, count);
    if (again) {
      arm();
      io_uring_submit(&ring);
    }
    if (count > 0) {
      atomic_store(&seen_at, at);
      atomic_store(&seen, atomic_load(&asked));
    }
  }
  io_uring_queue_exit(&ring);
  return NULL;
}

static void wake(struct io_uring *own) {
  static const uint64_t one = 1;
  switch (way) {
    case EVENTFD_POLL:
    case EVENTFD_READ:
      if (write(event, &one, sizeof one) < 0) {
        die("write", errno);
      }
      break;
    case MESSAGE_FROM_RING: {
      struct io_uring_sqe *sqe = io_uring_get_sqe(own);
      io_uring_prep_msg_ring(sqe, ring.ring_fd, 0, 1, 0);
      io_uring_submit_and_wait(own, 1);
      struct io_uring_cqe *cqe;
      if (io_uring_peek_cqe(own, &cqe) == 0) {
        io_uring_cqe_seen(own, cqe);
      }
      break;
    }
    case MESSAGE_WITHOUT_RING: {
      struct io_uring_sqe sqe;
      memset(&sqe, 0, sizeof sqe);
      io_uring_prep_msg_ring(&sqe, ring.ring_fd, 0, 1, 0);
      long result = syscall(__NR_io_uring_register, -1, REGISTER_SEND_MSG_RING, &sqe, 1);
      if (result < 0) {
        die("io_uring_register", errno);
      }
      break;
    }
    default:
      atomic_fetch_add(&futex_word, 1);
      syscall(NR_FUTEX_WAKE, &futex_word, FUTEX_BITSET_MATCH_ANY, 1, FUTEX_FLAGS);
  }
}

static int by_value(const void *a, const void *b) {
  long left = *(const long *)a, right = *(const long *)b;
  return (left > right) - (left < right);
}

static double median(long *values) {
  qsort(values, (size_t)rounds, sizeof *values, by_value);
  return (double)values[rounds / 2] / 1000;
}

static void nap(void) {
  struct timespec pause = {0, PAUSE_NANOS};
  nanosleep(&pause, NULL);
}

static void measure(void) {
  struct io_uring own;
  pthread_barrier_t ready;
  pthread_t waiter;
  long *calls = calloc((size_t)rounds, sizeof *calls), *latencies = calloc((size_t)rounds, sizeof *latencies);
  if (calls == NULL || latencies == NULL) {
    die("calloc", ENOMEM);
  }
  atomic_store(&stopping, 0);
  atomic_store(&busy, 0);
  set_up(&own, 0);
  event = eventfd(0, EFD_CLOEXEC);
  pthread_barrier_init(&ready, NULL, 2);
  pthread_create(&waiter, NULL, wait_for_wakes, &ready);
  pthread_barrier_wait(&ready);
  for (int i = 0; i < rounds; i++) {
    nap();
    int mine = atomic_fetch_add(&asked, 1) + 1;
    long start = now();
    wake(&own);
    calls[i] = now() - start;
    while (atomic_load(&seen) != mine) {
      /* The waiter is on another core. */
    }
    latencies[i] = atomic_load(&seen_at) - start;
  }
  double call = median(calls), latency = median(latencies);
  atomic_store(&busy, 1);
  wake(&own);
  nap();
  for (int i = 0; i < rounds; i++) {
    atomic_fetch_add(&asked, 1);
    long start = now();
    wake(&own);
    calls[i] = now() - start;
  }
  printf("%-36s call %5.2f   seen %6.2f   awake %5.2f\n", names[way], call, latency, median(calls));
  fflush(stdout);
  atomic_store(&stopping, 1);
  wake(&own);
  pthread_join(waiter, NULL);
  io_uring_queue_exit(&own);
  close(event);
  free(calls);
  free(latencies);
}

int main(int argc, char **argv) {
  rounds = argc > 1 ? atoi(argv[1]) : 2000;
  if (rounds < 1) {
    fprintf(stderr, "rounds must be positive\n");
    return 2;
  }
  pin(0);
  for (way = 0; way < WAYS; way++) {
    measure();
  }
  return 0;
}
