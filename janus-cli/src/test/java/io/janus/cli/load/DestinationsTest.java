package io.janus.cli.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.cli.terminal.CommandFailure;
import io.janus.socket.Address;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** More connections than one destination has local ports for. */
@Timeout(60)
class DestinationsTest {
  private static final int PORTS = 10;

  @Test
  void one_address_is_enough_for_as_many_as_there_are_ports() throws Exception {
    assertThat(Destinations.of(Address.parse("127.0.0.1:7000"), PORTS, PORTS, to -> false))
        .hasToString("[127.0.0.1:7000]");
  }

  @Test
  void more_are_spread_over_the_next_addresses_of_the_loopback_range() throws Exception {
    assertThat(Destinations.of(Address.parse("127.0.0.255:7000"), 11, PORTS, to -> true))
        .hasToString(
            "[127.0.0.255:7000, 127.0.1.0:7000, 127.0.1.1:7000, 127.0.1.2:7000, 127.0.1.3:7000, 127.0.1.4:7000]");
  }

  @Test
  void where_few_addresses_answer_more_ports_of_each_are_used() throws Exception {
    assertThat(
        Destinations.of(
            Address.parse("127.0.0.1:7000"), 2 * PORTS - 2, PORTS,
            to -> to.toString().equals("127.0.0.2:7000")))
        .hasToString("[127.0.0.1:7000, 127.0.0.2:7000]");
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1:7000,0.0.0.0", "192.0.2.1:7000,127.0.0.0/8", "[::1]:7000,127.0.0.0/8"})
  void too_few_are_told_with_the_limit_and_the_remedy(String address, String remedy) {
    assertThatThrownBy(
        () -> Destinations.of(Address.parse(address), 5 * PORTS, PORTS, to -> false))
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining("50 connections are above the 10 local ports")
        .hasMessageContaining(remedy)
        .hasMessageContaining("ip_local_port_range")
        .hasMessageContaining("at most 10");
  }

  @Test
  void a_load_reaches_a_server_of_all_addresses_at_several_of_them() throws Exception {
    try (ServerSocket server = new ServerSocket()) {
      server.bind(new InetSocketAddress("0.0.0.0", 0), 500);
      Address to = Address.parse("127.0.0.1:" + server.getLocalPort());
      LoadPlan plan = new LoadPlan(to, 1, 64, 1, 0, 10, false, "auto", 1, false);
      try (Load load = new Load(plan, (sentence, cause) -> {}, PORTS)) {
        load.connect(done -> {}, () -> false);
        load.start();
        load.beginWindow();
        load.endWindow();
        LoadReport report = load.report();
        assertThat(report.destinations()).isEqualTo(6);
        assertThat(report.idleConnected()).isEqualTo(10);
        // The five probes came first.
        assertThat(acceptedAt(server, 11 + 5))
            .containsEntry("127.0.0.1", 2)
            .containsEntry("127.0.0.2", 3)
            .containsEntry("127.0.0.6", 2);
      }
    }
  }

  private static TreeMap<String, Integer> acceptedAt(ServerSocket server, int count)
      throws Exception {
    TreeMap<String, Integer> at = new TreeMap<>();
    List<Socket> accepted = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Socket socket = server.accept();
      accepted.add(socket);
      at.merge(socket.getLocalAddress().getHostAddress(), 1, Integer::sum);
    }
    for (Socket socket : accepted) {
      socket.close();
    }
    return at;
  }
}
