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
  /** Its own words are about paths, and nobody's rights help. */
  private static final String READ_ONLY = "EROFS";

  private UnixPath() {}

  /** A server cannot listen. */
  public static CommandFailure listenFailure(Address address, OsError error) {
    Path socket = pathOf(address);
    String missing = socket == null ? null : MissingFolder.of(socket);
    String start = "listen on " + address + ": ";
    if (missing != null) {
      return new CommandFailure(ExitCode.CANNOT_CREATE, start + missing);
    }
    String why = error.toString();
    if (socket != null && error.kind() == ErrorKind.ADDRESS_IN_USE) {
      why = inTheWay(socket, error);
    } else if (socket != null && error.kind() == ErrorKind.NOT_FOUND) {
      why =
          "the file system of the folder " + socket.getParent() + " takes no sockets ("
              + error.name() + "); use another folder";
    } else if (socket != null && error.kind() == ErrorKind.PERMISSION_DENIED
        && !error.name().equals(READ_ONLY)) {
      why = notOurs(socket, error);
    } else if (error.kind() == ErrorKind.ADDRESS_NOT_AVAILABLE) {
      why =
          "the address is not one of this machine (" + error.name()
              + "); use one that it has, or 0.0.0.0 or [::] for all of them";
    }
    return new CommandFailure(ExitCode.of(error.kind()), start + why);
  }

  /** A client cannot connect. */
  public static CommandFailure connectFailure(Address address, OsError error) {
    Path socket = pathOf(address);
    String start = "connect to " + address + ": ";
    if (socket != null && error.kind() == ErrorKind.PERMISSION_DENIED) {
      return new CommandFailure(
          ExitCode.of(error.kind()),
          start + "this user may not write to the socket, or not enter its folder (" + error.name()
              + "); run as its owner, or let the owner give the right with `chmod`");
    }
    if (socket != null && error.kind() == ErrorKind.CONNECTION_REFUSED) {
      boolean other = Files.isRegularFile(socket) || Files.isDirectory(socket);
      return new CommandFailure(
          ExitCode.UNAVAILABLE,
          start + (other ? "what is at this path is no socket (" : "nobody listens at this path (")
              + error.name()
              + (other ? "); check the path" : "); start the server, or check the path"));
    }
    if (socket != null && error.kind() == ErrorKind.INVALID_ARGUMENT) {
      return new CommandFailure(
          ExitCode.UNAVAILABLE,
          start + "a part of this path is no folder, or a link that leads nowhere ("
              + error.name() + "); check the path");
    }
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

  private static String notOurs(Path socket, OsError error) {
    return "this user may not make a socket in the folder " + socket.getParent() + " ("
        + error.name()
        + "); use a folder of your own, or let its owner give the right with `chmod`";
  }

  /** A server that was killed leaves its file, and only a connect tells it from that of one that lives. */
  private static String inTheWay(Path socket, OsError error) {
    if (Files.isRegularFile(socket) || Files.isDirectory(socket)
        || (Files.isSymbolicLink(socket) && Files.notExists(socket))) {
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
      return "another program has this path in use (" + error.name()
          + "); stop it, or use another path";
    }
  }
}
