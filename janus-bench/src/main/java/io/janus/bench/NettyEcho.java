package io.janus.bench;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.IoUringBufferRingConfig;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringFixedBufferRingAllocator;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringIoHandlerConfig;
import io.netty.channel.uring.IoUringServerSocketChannel;
import java.net.InetSocketAddress;
import java.util.Locale;

/** The echo server on Netty 4.2, one event loop for accepting and echoing. */
public final class NettyEcho {
  private static final int BACKLOG = 4096;

  /**
   * Netty's own bounds except for the lowest, which is 64 there: small messages would fill such a
   * buffer and make Netty ask the socket once more, in vain.
   */
  private static final int READ_MIN = 512;

  private static final int READ_INITIAL = 2048;
  private static final int READ_MAX = 65536;

  private static final int RING_SUBMISSIONS = 1024;
  private static final int RING_COMPLETIONS = 8192;
  private static final short RING_BUFFERS = 1024;
  private static final int RING_BUFFER_BYTES = 16 * 1024;
  private static final short BUFFER_GROUP = 1;

  private NettyEcho() {}

  private enum Transport {
    EPOLL(EpollServerSocketChannel.class),
    NIO(NioServerSocketChannel.class),
    URING(IoUringServerSocketChannel.class);

    private final Class<? extends ServerChannel> channel;

    Transport(Class<? extends ServerChannel> channel) {
      this.channel = channel;
    }

    IoHandlerFactory handlers() {
      return switch (this) {
        case EPOLL -> EpollIoHandler.newFactory();
        case NIO -> NioIoHandler.newFactory();
        case URING -> IoUringIoHandler.newFactory(ringConfig());
      };
    }
  }

  /** Serves until the process is ended; arguments: {@code epoll|nio|uring [PORT]}. */
  public static void main(String[] args) throws InterruptedException {
    if (args.length < 1) {
      throw new IllegalArgumentException("usage: NettyEcho epoll|nio|uring [PORT]");
    }
    Transport transport = Transport.valueOf(args[0].toUpperCase(Locale.ROOT));
    int port = args.length > 1 ? Integer.parseInt(args[1]) : 0;
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(new MultiThreadIoEventLoopGroup(1, transport.handlers()))
            .channel(transport.channel)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
            .childOption(
                ChannelOption.RECVBUF_ALLOCATOR,
                new AdaptiveRecvByteBufAllocator(READ_MIN, READ_INITIAL, READ_MAX))
            .childHandler(new Pipeline());
    if (transport == Transport.URING) {
      bootstrap.childOption(IoUringChannelOption.IO_URING_BUFFER_GROUP_ID, BUFFER_GROUP);
    }
    Channel listener = bootstrap.bind("127.0.0.1", port).sync().channel();
    InetSocketAddress address = (InetSocketAddress) listener.localAddress();
    System.out.println("listening on 127.0.0.1:" + address.getPort());
    listener.closeFuture().sync();
  }

  /**
   * Without a buffer ring Netty receives one message by request; with it one request receives for
   * the life of the connection, as in the C twin, whose numbers these are.
   */
  private static IoUringIoHandlerConfig ringConfig() {
    return new IoUringIoHandlerConfig()
        .setRingSize(RING_SUBMISSIONS)
        .setCqSize(RING_COMPLETIONS)
        .setBufferRingConfig(
            IoUringBufferRingConfig.builder()
                .bufferGroupId(BUFFER_GROUP)
                .bufferRingSize(RING_BUFFERS)
                .batchSize(RING_BUFFERS)
                .allocator(new IoUringFixedBufferRingAllocator(RING_BUFFER_BYTES))
                .build());
  }

  private static final class Pipeline extends ChannelInitializer<Channel> {
    private final EchoHandler handler = new EchoHandler();

    @Override
    protected void initChannel(Channel channel) {
      channel.pipeline().addLast(handler);
    }
  }

  @Sharable
  private static final class EchoHandler extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      context.write(message, context.voidPromise());
    }

    /** One flush for all that one readable event brought: the cheapest way Netty offers. */
    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      context.flush();
    }

    /** The twin reads nothing while a reply waits, so Netty must not either. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      context.channel().config().setAutoRead(context.channel().isWritable());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
