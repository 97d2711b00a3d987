package io.janus.cli.terminal;

import java.util.Map;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A size in bytes such as {@code 64}, {@code 4k} or {@code 1MiB}; k, M and G stand for powers of 1024. */
public final class SizeArgument implements ITypeConverter<Integer> {
  private static final int MOST = 16 << 20;
  private static final long K = 1L << 10;
  private static final long M = 1L << 20;
  private static final long G = 1L << 30;
  private static final Map<String, Long> UNITS =
      Map.of(
          "", 1L, "B", 1L, "k", K, "K", K, "KiB", K, "M", M, "MiB", M, "G", G, "GiB", G);

  @Override
  public Integer convert(String text) {
    long bytes = UnitNumber.parse("size", text, UNITS, "bytes as 64, 4k or 1MiB (k = 1024 bytes)");
    if (bytes < 1 || bytes > MOST) {
      throw new TypeConversionException(
          "size \"" + text + "\" is outside 1 byte to 16 MiB; ask for "
              + (bytes < 1 ? "1 or more" : "16MiB or less"));
    }
    return (int) bytes;
  }
}
