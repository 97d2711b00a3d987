package io.janus.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

/** Forms of values, in and out. */
class ArgumentsTest {

  @ParameterizedTest
  @CsvSource({"500ms,500", "2s,2000", "1.5s,1500", "5m,300000", "1h,3600000", "0,0", "0s,0"})
  void durations_have_a_unit(String text, long millis) {
    assertThat(new DurationArgument().convert(text)).isEqualTo(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "s", "-1s", "1d", "1 s s", "577h", "999999999999999999h",
    "1.0000000001s", "0.5ms", "0.0009s", "0.000000001s"})
  void other_durations_are_refused_with_a_sentence(String text) {
    assertThatThrownBy(() -> new DurationArgument().convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining(text);
  }

  @ParameterizedTest
  @CsvSource({"64,64", "4k,4096", "4KiB,4096", "1MiB,1048576", "16M,16777216", "7B,7"})
  void sizes_count_by_1024(String text, int bytes) {
    assertThat(new SizeArgument().convert(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @CsvSource({"1000/s,1000", "1000,1000", "50k/s,50000", "0.5M/s,500000"})
  void rates_count_by_1000(String text, int rate) {
    assertThat(new RateArgument().convert(text)).isEqualTo(rate);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "-1", "1.5", "1e3", "9999M", "4kk"})
  void other_counts_are_refused(String text) {
    assertThatThrownBy(() -> new CountArgument().convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining(text);
  }

  @Test
  void figure_without_a_sample_is_a_dash_and_nouns_follow_their_number() {
    assertThat(Figure.of("%,.1f", 1234.56)).isEqualTo("1,234.6");
    assertThat(Figure.of("%,.1f", Double.NaN)).isEqualTo("-");
    assertThat(Figure.count(1, "connection")).isEqualTo("1 connection");
    assertThat(Figure.count(0, "connection")).isEqualTo("0 connections");
    assertThat(Figure.count(2000, "connection")).isEqualTo("2,000 connections");
  }

  @Test
  void json_escapes_and_rounds() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("text", "a \"b\" \\ \n \u0001");
    map.put("whole", 12L);
    map.put("part", 1.25);
    map.put("round", 100.0);
    map.put("none", Double.NaN);
    map.put("list", List.of(true, "µ"));
    String line = Json.of(map);
    assertThat(line)
        .isEqualTo(
            "{\"text\":\"a \\\"b\\\" \\\\ \\n \\u0001\",\"whole\":12,\"part\":1.25,\"round\":100,\"none\":null,"
                + "\"list\":[true,\"µ\"]}");
    assertThat(Json.number(line, "whole")).isEqualTo(12);
    assertThatThrownBy(() -> Json.number(line, "text"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
