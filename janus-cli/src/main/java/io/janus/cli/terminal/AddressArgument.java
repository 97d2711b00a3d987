package io.janus.cli.terminal;

import io.janus.socket.Address;
import java.util.Objects;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** An address such as {@code 127.0.0.1:7000}, {@code localhost:7000}, {@code [::1]:7000} or {@code unix:PATH}. */
public final class AddressArgument implements ITypeConverter<Address> {
  @Override
  public Address convert(String text) {
    try {
      return Address.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(Objects.requireNonNullElse(e.getMessage(), text));
    }
  }
}
