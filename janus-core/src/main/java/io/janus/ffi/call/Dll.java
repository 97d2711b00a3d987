package io.janus.ffi.call;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The libraries of Windows whose functions are called, and the three ways in which these tell an error. Each function is
 * linked with the one error that it sets, because the linker reads every captured error after every call.
 *
 * <p>Only binding classes of Windows touch this class: elsewhere neither the files nor the captured names exist.
 */
public enum Dll {
  /** Handles, completion ports and memory. */
  KERNEL32("kernel32.dll"),
  /** Windows Sockets. */
  WS2_32("ws2_32.dll"),
  /** The system calls themselves, for what has no documented name above them. */
  NTDLL("ntdll.dll");

  private static final Linker.Option LAST_ERROR = Linker.Option.captureCallState("GetLastError");
  private static final Linker.Option SOCKET_ERROR =
      Linker.Option.captureCallState("WSAGetLastError");

  private final String file;
  private final SymbolLookup functions;

  Dll(String file) {
    this.file = file;
    // By its bare name: these three are loaded from the system's own folder, whatever the search path says.
    functions = SymbolLookup.libraryLookup(file, Arena.global());
  }

  /** Links a function that reports failure by FALSE or NULL and GetLastError. The first argument is an {@link Errno}'s state. */
  public MethodHandle call(String name, FunctionDescriptor type) {
    return Native.link(name, symbol(name), type, FaultSeam.Failure.ZERO, LAST_ERROR);
  }

  /** Links a function that reports failure by −1 and WSAGetLastError. The first argument is an {@link Errno}'s state. */
  public MethodHandle socketCall(String name, FunctionDescriptor type) {
    return Native.link(name, symbol(name), type, FaultSeam.Failure.MINUS_ONE, SOCKET_ERROR);
  }

  /** Links a function whose result is its error, or that has none: no state comes before its arguments. */
  public MethodHandle plain(String name, FunctionDescriptor type) {
    return Native.link(name, symbol(name), type, FaultSeam.Failure.ITSELF);
  }

  /** The same for a function that only some systems have. */
  public Optional<MethodHandle> plainIfPresent(String name, FunctionDescriptor type) {
    return functions.find(name)
        .map(symbol -> Native.link(name, symbol, type, FaultSeam.Failure.ITSELF));
  }

  /**
   * Links an extension of Windows Sockets, whose address is asked from a socket's provider: the handle's first argument is that
   * address, the second an {@link Errno}'s state. It reports failure by FALSE and WSAGetLastError.
   */
  public static MethodHandle extension(String name, FunctionDescriptor type) {
    return Native.linkAnyAddress(name, type, FaultSeam.Failure.ZERO, SOCKET_ERROR);
  }

  /** The same for an extension that cannot fail: only the address comes before its arguments. */
  public static MethodHandle plainExtension(String name, FunctionDescriptor type) {
    return Native.linkAnyAddress(name, type, FaultSeam.Failure.ITSELF);
  }

  private MemorySegment symbol(String name) {
    return functions.find(name)
        .orElseThrow(() -> new UnsatisfiedLinkError(file + " has no function " + name));
  }
}
