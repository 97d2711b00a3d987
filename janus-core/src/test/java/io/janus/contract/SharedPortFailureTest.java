package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.buffer.Buffer;
import io.janus.completion.CompletionPort;
import io.janus.completion.SharedPort;
import io.janus.ffi.OsException;
import io.janus.limit.Limits;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The port below fails in the middle of a list of submits: the close still gives back every buffer, also those behind the failure. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.janus.contract.Worlds#sharedPorts")
class SharedPortFailureTest extends SharedPortTest {
  private static final String MESSAGE = "a defect of the binding";
  private static final long HELD = 77;
  private static final int SENDS = 6;

  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  /**
   * @param doomedSend which of the sends fails, from 1
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, SENDS})
  void submitThatFailsBeforeItTakesItsBufferLosesNothing(int doomedSend) throws Exception {
    assertEverythingComesBack(doomedSend, false);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, SENDS})
  void submitThatFailsAfterItTookItsBufferLosesNothing(int doomedSend) throws Exception {
    assertEverythingComesBack(doomedSend, true);
  }

  private void assertEverythingComesBack(int doomedSend, boolean taken) throws Exception {
    SharedPort doomed = SharedPort.open(OWNER, 16, Limits.defaults(), failing(doomedSend, taken));
    try (SocketPair pair = new SocketPair(world)) {
      long handle = doomed.adopt(pair.giveNear());
      // The owner is held up, so that all sends are taken from the queue as one list.
      Thread holder = Thread.ofPlatform().start(() -> doomed.socket(HELD));
      asked.await();
      for (int i = 0; i < SENDS; i++) {
        Buffer[] gathered = {acquire("first "), acquire("second")};
        assertThat(doomed.sendAll(handle, gathered, 2, i)).isPositive();
      }
      goOn.countDown();
      holder.join();
      assertThat(doomed.take(one, CompletionPort.FOREVER)).isEqualTo(SharedPort.STOPPED);
      assertThatThrownBy(doomed::close).isInstanceOf(IllegalStateException.class)
          .hasRootCauseMessage(MESSAGE);
    }
    assertThat(pool.outstanding()).isZero();
  }

  /** A port of the backend that is held up by a question, and whose send fails. */
  private SharedPort.Foundation failing(int doomedSend, boolean taken) {
    WorldBelow below = new WorldBelow(entry, Limits.defaults());
    return new SharedPort.Foundation() {
      private int sends;

      @Override
      public CompletionPort open() throws OsException {
        CompletionPort real = below.open();
        return (CompletionPort) Proxy.newProxyInstance(
            CompletionPort.class.getClassLoader(), new Class<?>[] {CompletionPort.class},
            (proxy, method, arguments) -> call(real, method, arguments));
      }

      private Object call(CompletionPort real, Method method, Object[] arguments)
          throws Throwable {
        if (method.getName().equals("socket") && Objects.equals(arguments[0], HELD)) {
          asked.countDown();
          goOn.await();
          return -1L;
        }
        boolean fails = method.getName().startsWith("send") && ++sends == doomedSend;
        if (fails && !taken) {
          throw new AssertionError(MESSAGE);
        }
        try {
          Object result = method.invoke(real, arguments);
          if (fails) {
            throw new AssertionError(MESSAGE);
          }
          return result;
        } catch (InvocationTargetException e) {
          throw e.getCause();
        }
      }

      @Override
      public void free() {
        below.free();
      }
    };
  }
}
