package io.janus.fault;

import io.janus.ffi.call.FaultSeam;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Errors to inject into system calls: rules by function, each asked with the number of the call. */
final class Faults implements FaultSeam.Fault {
  static final int EPERM = 1;
  static final int EINTR = 4;
  static final int EAGAIN = 11;
  static final int ENOMEM = 12;
  static final int EACCES = 13;
  static final int ENFILE = 23;
  static final int EMFILE = 24;
  static final int ENOSPC = 28;
  static final int EPROTO = 71;
  static final int EADDRNOTAVAIL = 99;
  static final int ENETUNREACH = 101;
  static final int ECONNABORTED = 103;
  static final int ENOBUFS = 105;

  /** Decides one call of one function. */
  @FunctionalInterface
  interface Rule {
    /**
     * @param call the number of the call since the rule was set, from 1
     * @param arguments of the C function; may be replaced
     * @return an errno to fail with, or 0
     */
    int errno(int call, Object[] arguments);
  }

  private record Counted(Rule rule, AtomicInteger calls) {}

  private final Map<String, List<Counted>> rules = new ConcurrentHashMap<>();
  private final AtomicInteger injected = new AtomicInteger();

  /** Sets a rule for a function; the first rule with an errno decides. */
  Faults on(String function, Rule rule) {
    rules.computeIfAbsent(function, name -> new CopyOnWriteArrayList<>())
        .add(new Counted(rule, new AtomicInteger()));
    return this;
  }

  /** Fails the n-th call, counted over all these functions together. */
  Faults failNth(Set<String> functions, int n, int errno) {
    AtomicInteger calls = new AtomicInteger();
    for (String function : functions) {
      on(function, (call, arguments) -> calls.incrementAndGet() == n ? errno : 0);
    }
    return this;
  }

  Faults install() {
    FaultSeam.install(this);
    return this;
  }

  /** Errors injected so far. */
  int injected() {
    return injected.get();
  }

  /** From now on every call goes through. */
  void clear() {
    rules.clear();
  }

  @Override
  public long before(String function, Object[] arguments) {
    for (Counted counted : rules.getOrDefault(function, List.of())) {
      int errno = counted.rule().errno(counted.calls().incrementAndGet(), arguments);
      if (errno != 0) {
        injected.incrementAndGet();
        return -errno;
      }
    }
    return PASS;
  }
}
