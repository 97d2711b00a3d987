package io.janus.ffi.call;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Injects errors into real system calls, for tests. Without {@code -Dio.janus.faults=true} no handle is ever wrapped, so
 * the seam costs nothing at all on the hot path; an LD_PRELOAD shim cannot do this job, because the JVM resolves the C
 * library's functions past it.
 */
public final class FaultSeam {
  /** Decided when the first function is linked; folds to a constant. */
  static final boolean ENABLED = Boolean.getBoolean("io.janus.faults");

  /** Decides what one call does. */
  @FunctionalInterface
  public interface Fault {
    /** Lets the call through. */
    long PASS = Long.MIN_VALUE;

    /**
     * @param function the C name
     * @param arguments the C arguments, boxed; an element may be replaced to change what the call does
     * @return {@link #PASS}, or the negative error number (errno, GetLastError, WSAGetLastError or an NTSTATUS taken as
     *     unsigned, whichever the function tells) to fail without calling
     */
    long before(String function, Object[] arguments);
  }

  /** How a function says that it failed. */
  enum Failure {
    /** It returns −1, and its error is in the state. */
    MINUS_ONE,
    /** It returns 0, and its error is in the state. */
    ZERO,
    /** What it returns is the error; it has no state. */
    ITSELF
  }

  private static final MethodHandle INTERCEPT;

  static {
    try {
      INTERCEPT =
          MethodHandles.lookup()
              .findStatic(
                  FaultSeam.class,
                  "intercept",
                  MethodType.methodType(
                      Object.class, String.class, MethodHandle.class, Failure.class, int.class,
                      Object[].class));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static volatile @Nullable Fault fault;

  private FaultSeam() {}

  /**
   * Installs what every linked call asks first; null removes it.
   *
   * @throws IllegalStateException if the JVM was not started with {@code -Dio.janus.faults=true}
   */
  public static void install(@Nullable Fault newFault) {
    if (!ENABLED) {
      throw new IllegalStateException("fault injection needs -Dio.janus.faults=true at start");
    }
    fault = newFault;
  }

  /**
   * @param leading how many arguments come before those of C: the address of an extension, and the state, which is the last of
   *     them
   */
  static MethodHandle wrap(String name, MethodHandle target, Failure failure, int leading) {
    return MethodHandles.insertArguments(INTERCEPT, 0, name, target, failure, leading)
        .asCollector(Object[].class, target.type().parameterCount())
        .asType(target.type());
  }

  private static Object intercept(
      String name, MethodHandle target, Failure failure, int leading, Object[] arguments)
      throws Throwable {
    Fault current = fault;
    if (current != null) {
      Object[] cArguments = Arrays.copyOfRange(arguments, leading, arguments.length);
      long verdict = current.before(name, cArguments);
      if (verdict != Fault.PASS) {
        if (failure != Failure.ITSELF) {
          new Errno((MemorySegment) arguments[leading - 1]).set((int) -verdict);
        }
        long result = switch (failure) {
          case MINUS_ONE -> -1;
          case ZERO -> 0;
          case ITSELF -> -verdict;
        };
        return target.type().returnType() == long.class ? (Object) result : (Object) (int) result;
      }
      System.arraycopy(cArguments, 0, arguments, leading, cArguments.length);
    }
    return target.invokeWithArguments(arguments);
  }
}
