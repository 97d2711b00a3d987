package io.janus.cli.terminal;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Why nothing can be made at a path, where that is because of its folder. */
public final class MissingFolder {
  private MissingFolder() {}

  /** The sentence with what is missing and the remedy, or null if the folder is there. */
  public static @Nullable String of(Path path) {
    Path folder = path.toAbsolutePath().getParent();
    if (folder == null || Files.isDirectory(folder)) {
      return null;
    }
    for (Path at = folder; at != null; at = at.getParent()) {
      if (Files.exists(at) && !Files.isDirectory(at)) {
        return at + " is a file and no folder; use a path in a folder that exists";
      }
    }
    return "the folder " + folder + " does not exist; create it with `"
        + (HostSystem.WINDOWS ? "mkdir " : "mkdir -p ") + folder
        + "`, or use a path in a folder that exists";
  }
}
