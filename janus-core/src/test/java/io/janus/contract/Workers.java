package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.completion.CompletionPort;
import io.janus.completion.Completions;
import io.janus.completion.SharedPort;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Threads that take completions from a shared port until it stops. */
final class Workers implements AutoCloseable {
  /** What a worker does with completion i of its batch. */
  interface Work {
    void done(Completions batch, int i);
  }

  final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private final SharedPort port;
  private final List<Thread> threads = new ArrayList<>();

  Workers(SharedPort port, int count, int batch, Work work) {
    this.port = port;
    for (int i = 0; i < count; i++) {
      threads.add(Thread.ofPlatform().name("worker-" + i).start(() -> run(batch, work)));
    }
  }

  private void run(int batch, Work work) {
    Completions taken = new Completions(batch);
    try {
      while (port.take(taken, CompletionPort.FOREVER) != SharedPort.STOPPED) {
        assertThat(taken.count()).isBetween(1, batch);
        for (int i = 0; i < taken.count(); i++) {
          work.done(taken, i);
        }
      }
    } catch (Throwable e) {
      failures.add(e);
    }
  }

  /** Waits until every worker waits for completions. */
  void untilIdle() {
    Wait.until("all workers wait",
        () -> threads.stream().allMatch(thread -> thread.getState() == Thread.State.WAITING));
  }

  /** Stops the port and waits until every worker has ended. */
  @Override
  public void close() throws InterruptedException {
    port.stop();
    for (Thread thread : threads) {
      thread.join(Wait.DEADLINE_NANOS / 1_000_000);
      assertThat(thread.isAlive()).as(thread.getName() + " still runs").isFalse();
    }
    assertThat(failures).isEmpty();
  }
}
