package io.laminardb.bench;

import io.laminardb.core.batch.Batch;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The workloads by hand. Those with results of their own return the checksum of these. */
interface Loops {
  void filterProject(Data data, Batch out, Consumer<Batch> consumer);

  long tumblingVwap(Data data);

  long hoppingAverage(Data data);

  long sessions(Data data);

  void runningTotals(Data data, Batch out, Consumer<Batch> consumer);

  /** The loops for symbols of at most 8 bytes, which they compare as one word. */
  static Loops ofWords() {
    return new HandLoops(WordIds::new);
  }

  /**
   * The same loops for symbols of any length. They are a class of their own, made from the same bytes,
   * so that HotSpot compiles each for its one kind of table.
   */
  static Loops ofBytes() {
    Supplier<TextIds> tables = ByteIds::new;
    try (InputStream in = HandLoops.class.getResourceAsStream("HandLoops.class")) {
      return (Loops)
          MethodHandles.lookup()
              .defineHiddenClass(in.readAllBytes(), true)
              .lookupClass()
              .getDeclaredConstructor(Supplier.class)
              .newInstance(tables);
    } catch (IOException | ReflectiveOperationException e) {
      throw new IllegalStateException("the loops cannot be made twice", e);
    }
  }
}
