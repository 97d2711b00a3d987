package io.janus.completion;

import io.janus.completion.SharedOperation.State;
import io.janus.completion.SharedPort.Foundation;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The thread that owns the port below a {@link SharedPort}: carries submits down and completions up, and sleeps where it must, in
 * the port's await or, while the workers have no room for more, at the lock.
 *
 * <p>Methods are called by other threads under the lock, unless they say otherwise.
 */
final class PortOwner {
  /** Something to be done with the port below on its own thread, and the answer. */
  private record Question(
      ToLongFunction<CompletionPort> what, CompletableFuture<Long> answer) {
    void refuse() {
      answer.complete((long) ErrorCode.CANCELLED);
    }
  }

  private static final long MOMENT_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final ReentrantLock lock;
  private final HandOver handOver;
  private final SharedOperations operations;
  private final Foundation foundation;
  private final Runnable someLanded;
  private final Runnable failed;
  private final Thread thread;
  private final CompletableFuture<CompletionPort> opened = new CompletableFuture<>();

  /** The owner waits here for room, and at last for the end. */
  private final Condition called;

  private final Deque<Long> wishes = new ArrayDeque<>();
  private final Deque<Question> questions = new ArrayDeque<>();
  private @Nullable CompletionPort port;

  /** True while the owner may be in await, so that whoever brings something must wake it. */
  private boolean asleep;

  private boolean stopping;
  private boolean ending;
  private int abilities;

  // The owner's own from here; others read the failure when the thread has ended.

  private @Nullable Throwable failure;

  private final Landing landing;

  /** What was submitted has not gone out, because the kernel had no memory for it: tried again in a moment. */
  private boolean unflushed;

  /** What was taken from the queue and has not been submitted below; if a submit fails, that operation is the first of them. */
  private @Nullable SharedOperation unstarted;

  PortOwner(
      String name,
      int batch,
      ReentrantLock lock,
      HandOver handOver,
      SharedOperations operations,
      Foundation foundation,
      Runnable someLanded,
      Runnable failed) {
    this.landing = new Landing(batch, handOver, operations);
    this.lock = lock;
    this.called = lock.newCondition();
    this.handOver = handOver;
    this.operations = operations;
    this.foundation = foundation;
    this.someLanded = someLanded;
    this.failed = failed;
    this.thread = Thread.ofPlatform().name(name).unstarted(this::run);
  }

  /** Without the lock: starts the thread and waits until the port is open. */
  void start() throws OsException {
    thread.start();
    try {
      opened.join();
    } catch (CompletionException e) {
      joinThread();
      switch (e.getCause()) {
        case OsException refused -> throw refused;
        case RuntimeException misuse -> throw misuse;
        case null, default -> throw e;
      }
    }
  }

  /** Something was queued. */
  void wake() {
    if (asleep) {
      asleep = false;
      below().wake();
    }
    called.signal();
  }

  /** Completions were taken. */
  void taken() {
    if (handOver.isLow()) {
      called.signal();
    }
  }

  boolean wishToCancel(SharedOperation operation) {
    if (operation.wished) {
      return false;
    }
    operation.wished = true;
    wishes.add(operation.id());
    wake();
    return true;
  }

  /** A post wakes the port below by itself. */
  boolean post(long token, int value) {
    return below().post(token, value);
  }

  /** Without the lock: does something on the owner's thread and waits for it. */
  long ask(ToLongFunction<CompletionPort> what) {
    Question question = new Question(what, new CompletableFuture<>());
    lock.lock();
    try {
      if (stopping) {
        return ErrorCode.CANCELLED;
      }
      questions.add(question);
      wake();
    } finally {
      lock.unlock();
    }
    return question.answer().join();
  }

  int abilities() {
    return abilities;
  }

  void stop() {
    stopping = true;
    wake();
  }

  /** Without the lock, after stop: lets the thread end and waits for it. */
  void end() {
    lock.lock();
    try {
      ending = true;
      called.signal();
    } finally {
      lock.unlock();
    }
    joinThread();
    Throwable cause = failure;
    if (cause != null) {
      throw new IllegalStateException(
          "thread \"" + thread.getName() + "\", which owned a shared port, failed", cause);
    }
  }

  private void joinThread() {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        // Who asks for the end gets it: memory and descriptors hang on this thread.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private CompletionPort below() {
    CompletionPort known = port;
    if (known == null) {
      throw new IllegalStateException("the shared port is not open yet");
    }
    return known;
  }

  private void run() {
    CompletionPort mine = open();
    if (mine == null) {
      return;
    }
    opened.complete(mine);
    attempt(() -> serve(mine));
    attempt(this::dropAll);
    attempt(mine::close);
    awaitEnd();
    attempt(foundation::free);
  }

  /** The port below; null if there is none, which is told to whoever waits for it, whatever else fails then. */
  private @Nullable CompletionPort open() {
    CompletionPort mine = null;
    try {
      mine = Objects.requireNonNull(foundation.open(), "the port that foundation.open() gives");
      abilities = mine.abilities();
      port = mine;
      return mine;
    } catch (Throwable e) {
      failure = e;
      if (mine != null) {
        attempt(mine::close);
      }
      attempt(foundation::free);
      opened.completeExceptionally(e);
      return null;
    }
  }

  private void serve(CompletionPort mine) {
    while (collectAndStart(mine)) {
      if (landing.isEmpty()) {
        landing.await(mine);
      }
    }
  }

  /** Whatever fails, the steps after it are still taken; the first failure is told by {@link #end}. */
  private void attempt(Runnable step) {
    try {
      step.run();
    } catch (Throwable e) {
      if (failure == null) {
        failure = e;
      } else if (failure != e) {
        failure.addSuppressed(e);
      }
    }
  }

  /** Hands over what has landed, waits for room if there is none, and does what others have queued. False at the stop. */
  private boolean collectAndStart(CompletionPort mine) {
    SharedOperation queued;
    boolean more;
    lock.lock();
    try {
      asleep = false;
      land();
      while (!landing.isEmpty() && !hasWork()) {
        if (unflushed) {
          aMoment();
          land();
          break;
        }
        called.awaitUninterruptibly();
        land();
      }
      if (stopping) {
        return false;
      }
      queued = operations.takeQueued();
      more = !wishes.isEmpty() || !questions.isEmpty();
      // From here on whoever queues wakes; the wake is sticky, so it does not matter that the await comes later.
      asleep = true;
    } finally {
      lock.unlock();
    }
    startAll(mine, queued);
    if (more) {
      cancelAll(mine);
      answerAll(mine);
    }
    if (!landing.isEmpty()) {
      // No await follows while the workers have no room, and what they have submitted may be what they wait for.
      unflushed = !mine.flush();
    } else {
      unflushed = false;
    }
    return true;
  }

  /** Lets the lock go for a moment, or until somebody calls. */
  private void aMoment() {
    try {
      called.awaitNanos(MOMENT_NANOS);
    } catch (InterruptedException e) {
      // Nobody's business: this thread ends by stop.
      return;
    }
  }

  private void land() {
    if (landing.handOver()) {
      someLanded.run();
    }
  }

  private boolean hasWork() {
    return stopping || operations.hasQueued() || !wishes.isEmpty() || !questions.isEmpty();
  }

  private void startAll(CompletionPort mine, @Nullable SharedOperation queued) {
    unstarted = queued;
    for (SharedOperation each = queued; each != null; each = unstarted) {
      int result = each.state == State.WITHDRAWN ? ErrorCode.CANCELLED : each.start(mine);
      unstarted = each.next;
      each.next = null;
      if (result < 0) {
        each.refusal = result;
        landing.addRefused(each);
      }
    }
  }

  private void cancelAll(CompletionPort mine) {
    while (true) {
      SharedOperation operation;
      lock.lock();
      try {
        Long wish = wishes.poll();
        if (wish == null) {
          return;
        }
        operation = operations.find(wish);
        if (operation == null || operation.state != State.STARTED) {
          continue;
        }
      } finally {
        lock.unlock();
      }
      // One that was refused meanwhile has no name below. Only the owner ends what was started, so it is still the same one.
      if (operation.below != 0) {
        mine.cancel(operation.below);
      }
    }
  }

  private void answerAll(CompletionPort mine) {
    while (true) {
      Question question;
      lock.lock();
      try {
        question = questions.poll();
        if (question == null) {
          return;
        }
      } finally {
        lock.unlock();
      }
      try {
        question.answer().complete(question.what().applyAsLong(mine));
      } catch (Throwable e) {
        question.answer().completeExceptionally(e);
      }
    }
  }

  /** Gives back all that no worker has; what is in flight comes back by the close of the port below. */
  private void dropAll() {
    lock.lock();
    try {
      // Nobody wakes the port below any more.
      asleep = false;
      failed.run();
      for (Question each = questions.poll(); each != null; each = questions.poll()) {
        each.refuse();
      }
      landing.drop(unstarted);
      unstarted = null;
    } finally {
      lock.unlock();
    }
  }

  private void awaitEnd() {
    lock.lock();
    try {
      while (!ending) {
        called.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }
}
