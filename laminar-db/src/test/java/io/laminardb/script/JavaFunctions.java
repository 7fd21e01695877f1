package io.laminardb.script;

import io.laminardb.Aggregate;
import io.laminardb.LaminarDB;
import java.io.Serializable;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** Functions of Java that scripts with {@code functions} may call. Public, as they have to be. */
public final class JavaFunctions {
  private JavaFunctions() {}

  /** Takes a word and its place. */
  public interface Word {
    void row(String word, int place);
  }

  /** The words of a text; fails for one that is "bad", behind the words before it. */
  public interface Words {
    void of(String text, Word rows);
  }

  /** The numbers below one. */
  public interface Below {
    void of(long number, LongConsumer rows);
  }

  /** The letters of a text. */
  public interface Letters {
    void of(String text, Consumer<String> rows);
  }

  /** One column of each type. */
  public interface Everything {
    void row(
        boolean a,
        int b,
        Long c,
        float d,
        Double e,
        String f,
        byte[] g,
        BigDecimal h,
        LocalDate i,
        LocalDateTime j);
  }

  /** Gives what it is given, and a row of NULLs. */
  public static final class Echo {
    public void rows(long number, String text, Everything rows) {
      rows.row(
          true,
          (int) number,
          number,
          number / 2f,
          number / 2d,
          text,
          text.getBytes(java.nio.charset.StandardCharsets.UTF_8),
          BigDecimal.valueOf(number, 1),
          LocalDate.ofEpochDay(number),
          LocalDateTime.of(2024, 2, 29, 1, 2, 3).plusSeconds(number));
      rows.row(false, 0, null, 0, null, null, null, null, null, null);
    }
  }

  /** The middle one of texts, which takes rows back. */
  public static final class MiddleText implements Serializable {
    private static final long serialVersionUID = 1;
    private final TreeMap<String, Integer> counts = new TreeMap<>();
    private int size;

    public void add(String text) {
      if (text.equals("bad")) {
        throw new IllegalArgumentException("a bad text");
      }
      counts.merge(text, 1, Integer::sum);
      size++;
    }

    public void retract(String text) {
      counts.merge(text, -1, Integer::sum);
      counts.remove(text, 0);
      size--;
    }

    public void merge(MiddleText other) {
      other.counts.forEach((text, count) -> counts.merge(text, count, Integer::sum));
      size += other.size;
    }

    public String result() {
      int left = (size - 1) / 2;
      for (var entry : counts.entrySet()) {
        left -= entry.getValue();
        if (left < 0) {
          return entry.getKey();
        }
      }
      return null;
    }
  }

  static void register(LaminarDB.Builder builder) {
    builder
        .registerTableFunction("words", Words.class, JavaFunctions::words, "word", "place")
        .registerTableFunction(
            "below",
            Below.class,
            (number, rows) -> {
              for (long i = 0; i < number; i++) {
                rows.accept(i);
              }
            })
        .registerTableFunction(
            "letters",
            Letters.class,
            (text, rows) -> text.chars().forEach(c -> rows.accept(Character.toString(c))))
        .registerTableFunction("echo", new Echo(), "a", "b", "c", "d", "e", "f", "g", "h", "i", "j")
        .registerAggregate("middle_text", MiddleText.class)
        .registerAggregate(
            "alternating",
            Aggregate.over(() -> new long[1])
                .addLong((state, value) -> state[0] ^= value)
                .retractLong((state, value) -> state[0] ^= value)
                .merge((state, other) -> state[0] ^= other[0])
                .resultLong(state -> state[0]));
  }

  private static void words(String text, Word rows) {
    int place = 0;
    for (String word : text.split(" ")) {
      if (word.equals("bad")) {
        throw new IllegalArgumentException("a bad word");
      }
      if (!word.isEmpty()) {
        rows.row(word.equals("null") ? null : word, ++place);
      }
    }
  }
}
