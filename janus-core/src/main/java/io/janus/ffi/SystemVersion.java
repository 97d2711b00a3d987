package io.janus.ffi;

import io.janus.ffi.call.SystemName;
import io.janus.ffi.windows.OsVersionInfo;
import io.janus.ffi.windows.Winternl;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The operating system as it names itself, for people.
 *
 * @param name such as {@code Linux} or {@code Windows}
 * @param version such as {@code 6.1.0} or {@code 10.0.19045}, whose last part is the build
 * @param wine the version of Wine where that plays Windows, else empty
 */
public record SystemVersion(String name, String version, String wine) {

  /** Reads it. */
  public static SystemVersion read() {
    try {
      if (SystemName.WINDOWS) {
        return readWindows();
      }
    } catch (LinkageError | IllegalCallerException denied) {
      // Where native access is denied the JVM's own words must do; the engines tell why it is denied.
    }
    return new SystemVersion(SystemName.NAME, System.getProperty("os.version", "unknown"), "");
  }

  private static SystemVersion readWindows() {
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment info = scratch.allocate(OsVersionInfo.LAYOUT);
      OsVersionInfo.prepare(info);
      Winternl.rtlGetVersion(info);
      String wine = Winternl.wineGetVersion();
      return new SystemVersion(
          "Windows",
          OsVersionInfo.major(info) + "." + OsVersionInfo.minor(info) + "."
              + OsVersionInfo.build(info),
          wine == null ? "" : wine);
    }
  }

  @Override
  public String toString() {
    return name + " " + version + (wine.isEmpty() ? "" : ", played by Wine " + wine);
  }
}
