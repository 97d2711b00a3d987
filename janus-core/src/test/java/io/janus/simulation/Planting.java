package io.janus.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.completion.OperationTable;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A defect in a class of the engine: what is put before the code of one method, of which the class has one only. The class file with it is
 * for a JVM that finds it before the true one, so nothing in the engine knows of it.
 *
 * @param file the class with slashes
 * @param parameters how the method's type begins, so that a change of it shows
 */
record Planting(String file, String method, String parameters, Consumer<CodeBuilder> code)
    implements
      CodeTransform {
  @Override
  public void atStart(CodeBuilder builder) {
    code.accept(builder);
  }

  @Override
  public void accept(CodeBuilder builder, CodeElement element) {
    builder.with(element);
  }

  /** Writes the class file below a directory. */
  void into(Path directory) throws IOException {
    // What is known of local variables would not fit any more.
    ClassFile files = ClassFile.of(ClassFile.DebugElementsOption.DROP_DEBUG);
    ClassModel model = files.parse(bytes(file + ".class"));
    List<String> types =
        model.methods()
            .stream()
            .filter(each -> each.methodName().equalsString(method))
            .map(each -> each.methodType().stringValue())
            .toList();
    assertThat(types).as(method).hasSize(1);
    assertThat(types.getFirst()).startsWith(parameters);
    Path target = directory.resolve(file + ".class");
    Files.createDirectories(target.getParent());
    Files.write(
        target,
        files.transformClass(
            model,
            ClassTransform.transformingMethodBodies(
                each -> each.methodName().equalsString(method), this)));
  }

  private static byte[] bytes(String file) throws IOException {
    try (InputStream in = OperationTable.class.getResourceAsStream("/" + file)) {
      return Objects.requireNonNull(in, file).readAllBytes();
    }
  }
}
