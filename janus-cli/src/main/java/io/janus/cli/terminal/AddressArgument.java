package io.janus.cli.terminal;

import io.janus.socket.Address;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** An address such as {@code 127.0.0.1:7000}, {@code localhost:7000}, {@code [::1]:7000} or {@code unix:PATH}. */
public final class AddressArgument implements ITypeConverter<Address> {
  private static final Pattern LONG_PORT = Pattern.compile(".*:(\\d{10,})");

  @Override
  public Address convert(String text) {
    try {
      return Address.parse(text);
    } catch (IllegalArgumentException e) {
      Matcher port = LONG_PORT.matcher(text);
      if (port.matches()) {
        // Too long to be read as a number, but one all the same.
        throw new TypeConversionException(
            "port " + port.group(1) + " of \"" + text + "\" is outside 0 to 65535");
      }
      throw new TypeConversionException(Objects.requireNonNullElse(e.getMessage(), text));
    }
  }
}
