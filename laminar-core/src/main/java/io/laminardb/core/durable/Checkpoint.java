package io.laminardb.core.durable;

import java.util.function.BiConsumer;

/** A checkpoint that was read. Any thread; valid until {@link Storage#journal}. */
public interface Checkpoint {
  CheckpointInfo info();

  /** The bytes of a part, which are not changed by anybody, or null. */
  byte[] part(String name);

  /** Gives all parts whose name begins with {@code prefix}, in the order of their names' bytes. */
  void parts(String prefix, BiConsumer<String, byte[]> each);
}
