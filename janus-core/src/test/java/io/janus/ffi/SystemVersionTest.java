package io.janus.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class SystemVersionTest {
  @Test
  void versionIsThatOfTheJvmsPropertiesOrMoreExact() {
    SystemVersion version = SystemVersion.read();
    assertThat(version.version()).startsWith(System.getProperty("os.version"));
    assertThat(System.getProperty("os.name")).startsWith(version.name());
    assertThat(version).hasToString(version.name() + " " + version.version()
        + (version.wine().isEmpty() ? "" : ", played by Wine " + version.wine()));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void nobodyPlaysLinux() {
    assertThat(SystemVersion.read().wine()).isEmpty();
  }

  @Test
  @EnabledOnOs(OS.WINDOWS)
  void windowsTellsItsBuild() {
    assertThat(SystemVersion.read().version()).matches("\\d+\\.\\d+\\.\\d+");
  }
}
