package io.janus.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Iterator;

/**
 * The echo server a careful programmer writes on java.nio: one thread, one selector, one shared
 * direct buffer.
 *
 * <p>A connection owns memory only while a short write left bytes over; they hang on its key.
 */
public final class NioEcho {
  private static final int BUFFER_BYTES = 16 * 1024;
  private static final int BACKLOG = 4096;

  private final Selector selector;
  private final ServerSocketChannel listener;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

  private NioEcho(int port) throws IOException {
    selector = Selector.open();
    listener = ServerSocketChannel.open();
    listener.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), BACKLOG);
    listener.configureBlocking(false);
    listener.register(selector, SelectionKey.OP_ACCEPT);
  }

  /** Serves until the process is ended; the only argument is the port, 0 by default. */
  public static void main(String[] args) throws IOException {
    NioEcho echo = new NioEcho(args.length > 0 ? Integer.parseInt(args[0]) : 0);
    System.out.println("listening on 127.0.0.1:" + echo.listener.socket().getLocalPort());
    echo.serve();
  }

  private void serve() throws IOException {
    while (true) {
      selector.select();
      Iterator<SelectionKey> keys = selector.selectedKeys().iterator();
      while (keys.hasNext()) {
        SelectionKey key = keys.next();
        keys.remove();
        handle(key);
      }
    }
  }

  private void handle(SelectionKey key) {
    try {
      if (key.isAcceptable()) {
        acceptAll();
      } else if (key.isWritable()) {
        writeRest(key);
      } else {
        echo(key);
      }
    } catch (IOException _) {
      // The peer reset the connection, which for an echo server is one more way to say goodbye.
      close(key);
    }
  }

  private void acceptAll() throws IOException {
    SocketChannel channel;
    while ((channel = listener.accept()) != null) {
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.register(selector, SelectionKey.OP_READ);
    }
  }

  private void echo(SelectionKey key) throws IOException {
    SocketChannel channel = (SocketChannel) key.channel();
    int received;
    do {
      buffer.clear();
      received = channel.read(buffer);
      if (received < 0) {
        close(key);
        return;
      }
      buffer.flip();
      if (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      if (buffer.hasRemaining()) {
        keepRest(key);
        return;
      }
      // A short read emptied the socket; asking again would only cost a system call.
    } while (received == BUFFER_BYTES);
  }

  /** Turns the connection to writing only: a peer that never reads must not fill this process. */
  private void keepRest(SelectionKey key) {
    ByteBuffer rest = ByteBuffer.allocateDirect(buffer.remaining());
    rest.put(buffer).flip();
    key.attach(rest);
    key.interestOps(SelectionKey.OP_WRITE);
  }

  private static void writeRest(SelectionKey key) throws IOException {
    ByteBuffer rest = (ByteBuffer) key.attachment();
    ((SocketChannel) key.channel()).write(rest);
    if (!rest.hasRemaining()) {
      key.attach(null);
      key.interestOps(SelectionKey.OP_READ);
    }
  }

  private static void close(SelectionKey key) {
    try {
      key.channel().close();
    } catch (IOException _) {
      // The descriptor is released even when close reports an error.
    }
  }
}
