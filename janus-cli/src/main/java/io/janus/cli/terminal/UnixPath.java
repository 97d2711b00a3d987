package io.janus.cli.terminal;

import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsError;
import io.janus.socket.Address;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Says what is wrong about an address, and of a socket's path where the system says only that something is missing or in use. */
public final class UnixPath {
  private UnixPath() {}

  /** A server cannot listen. */
  public static CommandFailure listenFailure(Address address, OsError error) {
    Path socket = pathOf(address);
    String missing = socket == null ? null : MissingFolder.of(socket);
    String start = "listen on " + address + ": ";
    if (missing != null) {
      return new CommandFailure(ExitCode.CANNOT_CREATE, start + missing);
    }
    String why =
        socket != null && error.kind() == ErrorKind.ADDRESS_IN_USE ? inTheWay(socket, error)
            : error.toString();
    return new CommandFailure(ExitCode.of(error.kind()), start + why);
  }

  /** A client cannot connect. */
  public static CommandFailure connectFailure(Address address, OsError error) {
    Path socket = pathOf(address);
    String start = "connect to " + address + ": ";
    if (socket == null || error.kind() != ErrorKind.NOT_FOUND) {
      return new CommandFailure(ExitCode.of(error.kind()), start + error);
    }
    // To a client it is all one whether the socket or its folder is missing: nobody listens.
    String missing =
        MissingFolder.of(socket) == null ? "there is no socket at this path"
            : "nobody listens at this path, since the folder " + socket.getParent()
                + " does not exist";
    return new CommandFailure(
        ExitCode.UNAVAILABLE,
        start + missing + " (" + error.name() + "); start the server, or check the path");
  }

  private static @Nullable Path pathOf(Address address) {
    try {
      return address instanceof Address.Unix unix ? Path.of(unix.path()).toAbsolutePath() : null;
    } catch (InvalidPathException e) {
      return null;
    }
  }

  /** A server that was killed leaves its file, and only a connect tells it from that of one that lives. */
  private static String inTheWay(Path socket, OsError error) {
    if (Files.isRegularFile(socket) || Files.isDirectory(socket)) {
      return "what is at this path already is no socket (" + error.name() + "); use another path";
    }
    try (SocketChannel asked = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      asked.configureBlocking(false);
      asked.connect(UnixDomainSocketAddress.of(socket));
      return "another server listens at this path (" + error.name()
          + "); stop it, or use another path";
    } catch (ConnectException e) {
      return "nobody listens at this path, a file is left over (" + error.name()
          + "); remove it with `" + (HostSystem.WINDOWS ? "del " : "rm ") + socket + "`";
    } catch (IOException e) {
      // Its queue is full, or it is not ours: somebody has it in use.
      return error.toString();
    }
  }
}
