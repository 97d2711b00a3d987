package io.janus.contract;

import io.janus.completion.CompletionPort;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/** A port that does as the one below, save for what a test changes. */
final class AlteredPort {
  /** One call of a verb: its name, its arguments, and the port's own answer. */
  interface Change {
    Object answer(String verb, Object[] arguments, Below below) throws Throwable;
  }

  /** The port's own answer. */
  interface Below {
    Object answer() throws Throwable;
  }

  private AlteredPort() {}

  static CompletionPort over(CompletionPort port, Change change) {
    return (CompletionPort) Proxy.newProxyInstance(
        CompletionPort.class.getClassLoader(), new Class<?>[] {CompletionPort.class},
        (proxy, method, arguments) -> change.answer(
            method.getName(), arguments, () -> call(port, method, arguments)));
  }

  private static Object call(CompletionPort port, Method method, Object[] arguments)
      throws Throwable {
    try {
      return method.invoke(port, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
