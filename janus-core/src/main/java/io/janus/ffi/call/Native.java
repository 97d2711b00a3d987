package io.janus.ffi.call;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.Objects;

/**
 * The one place that links C functions. Every system call is linked as a plain call with its error captured by the linker:
 * a socket call can always sleep (socket lock, page fault), and a critical one would then hold up garbage collection.
 */
public final class Native {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final SymbolLookup LIBC = LINKER.defaultLookup();

  private Native() {}

  /**
   * Links a function of the C library that reports failure by −1 and errno. The handle's first argument is the state
   * segment of an {@link Errno}.
   */
  public static MethodHandle call(String name, FunctionDescriptor type) {
    return link(name, symbol(name), type, FaultSeam.Failure.MINUS_ONE, Errno.CAPTURE);
  }

  /**
   * The same for a function that takes any number of arguments.
   *
   * @param fixed how many of them its declaration names
   */
  public static MethodHandle variadicCall(String name, FunctionDescriptor type, int fixed) {
    MethodHandle handle =
        LINKER.downcallHandle(
            symbol(name), type, Errno.CAPTURE, Linker.Option.firstVariadicArg(fixed));
    return seamed(name, handle, FaultSeam.Failure.MINUS_ONE, 1);
  }

  /**
   * Links a system call that the C library has no function for, by syscall(2): the number is bound, the rest is as for {@link
   * #call}.
   *
   * @param name for messages and injected faults
   * @param type without the number
   */
  public static MethodHandle systemCall(String name, long number, FunctionDescriptor type) {
    FunctionDescriptor variadic = type.insertArgumentLayouts(0, ValueLayout.JAVA_LONG);
    MethodHandle handle =
        LINKER.downcallHandle(
            symbol("syscall"), variadic, Errno.CAPTURE, Linker.Option.firstVariadicArg(1));
    return seamed(
        name, MethodHandles.insertArguments(handle, 1, number), FaultSeam.Failure.MINUS_ONE, 1);
  }

  /** Links a function at a known address. With an option that captures an error the state segment is the first argument. */
  static MethodHandle link(String name, MemorySegment function, FunctionDescriptor type,
      FaultSeam.Failure failure, Linker.Option... capture) {
    return seamed(
        name, LINKER.downcallHandle(function, type, capture), failure, capture.length);
  }

  /** The same with the address as a further argument in front. */
  static MethodHandle linkAnyAddress(String name, FunctionDescriptor type,
      FaultSeam.Failure failure, Linker.Option... capture) {
    return seamed(name, LINKER.downcallHandle(type, capture), failure, 1 + capture.length);
  }

  private static MemorySegment symbol(String name) {
    return LIBC.find(name)
        .orElseThrow(() -> new UnsatisfiedLinkError("the C library has no function " + name));
  }

  private static MethodHandle seamed(
      String name, MethodHandle handle, FaultSeam.Failure failure, int leading) {
    return FaultSeam.ENABLED ? FaultSeam.wrap(name, handle, failure, leading) : handle;
  }

  /** Why no function can be called at all, and the remedy, from what linking has thrown. */
  public static String deniedSentence(Throwable thrown) {
    // It comes up inside a binding's initializer: wrapped the first time, and as a missing class ever after.
    Throwable root = thrown;
    for (Throwable cause = root.getCause(); cause != null; cause = root.getCause()) {
      root = cause;
    }
    String library = SystemName.WINDOWS ? "the system's functions" : "the C library";
    return library + " cannot be called: " + root.getMessage()
        + "; start with --enable-native-access=io.janus.core, or ALL-UNNAMED on the class path";
  }

  /**
   * The address of a range of a native segment, checked against its bounds. Pointers go to C as numbers, because a slice
   * per call could become garbage; the check keeps what a slice would have given.
   */
  public static long address(MemorySegment segment, long offset, long bytes) {
    Objects.checkFromIndexSize(offset, bytes, segment.byteSize());
    return segment.address() + offset;
  }

  /**
   * What a binding throws when the call itself, not the system, failed: a defect of the binding. A misuse that {@link
   * Errno#state} has found is the caller's and passes through.
   */
  public static AssertionError bug(String function, Throwable cause) {
    if (cause instanceof IllegalStateException misuse) {
      throw misuse;
    }
    return new AssertionError("calling " + function + " failed in the binding", cause);
  }
}
