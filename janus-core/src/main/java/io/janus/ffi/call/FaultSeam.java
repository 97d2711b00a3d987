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
     * @return {@link #PASS}, or −errno to fail without calling
     */
    long before(String function, Object[] arguments);
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
                      Object.class, String.class, MethodHandle.class, Object[].class));
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

  static MethodHandle wrap(String name, MethodHandle target) {
    return MethodHandles.insertArguments(INTERCEPT, 0, name, target)
        .asCollector(Object[].class, target.type().parameterCount())
        .asType(target.type());
  }

  private static Object intercept(String name, MethodHandle target, Object[] arguments)
      throws Throwable {
    Fault current = fault;
    if (current != null) {
      Object[] cArguments = Arrays.copyOfRange(arguments, 1, arguments.length);
      long verdict = current.before(name, cArguments);
      if (verdict != Fault.PASS) {
        new Errno((MemorySegment) arguments[0]).set((int) -verdict);
        return target.type().returnType() == long.class ? (Object) (-1L) : (Object) (-1);
      }
      System.arraycopy(cArguments, 0, arguments, 1, cArguments.length);
    }
    return target.invokeWithArguments(arguments);
  }
}
