package io.laminardb.connector.files;

import static org.assertj.core.api.Assertions.assertThat;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Splits random records like the library that is the reference for RFC 4180. */
class CsvSplitterTest {
  private static final String[] PIECES = {
    ",", "\n", "\r\n", "\r", "\"", "\"\"", "a", "bc", " ", "é", "\",\"", "\"\n\"", ",,", "\n\n"
  };

  @Test
  void splitsAnyTextAsTheReferenceDoes() {
    long seed = Long.getLong("laminar.seed", 20_261_123);
    Random random = new Random(seed);
    int compared = 0;
    for (int i = 0; i < 100_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(12); n >= 0; n--) {
        text.append(PIECES[random.nextInt(PIECES.length)]);
      }
      List<List<String>> ours = split(text.toString(), Integer.MAX_VALUE);
      if (ours != null) {
        compared++;
        String what = "seed " + seed + ", text " + text;
        assertThat(ours).as(what).isEqualTo(reference(text.toString()));
        assertThat(split(text.toString(), 1)).as(what).isEqualTo(ours);
      }
    }
    assertThat(compared).isGreaterThan(20_000);
  }

  private static List<List<String>> reference(String text) {
    List<List<String>> records = new ArrayList<>();
    try (CsvReader<CsvRecord> reader =
        CsvReader.builder()
            .skipEmptyLines(false)
            .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
            .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
            .ofCsvRecord(text)) {
      reader.forEach(line -> records.add(line.getFields()));
    } catch (CsvParseException e) {
      return List.of(List.of("refused"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return records;
  }

  /** Our records; null if one breaks the rules. {@code step} bytes more are shown at a time. */
  private static List<List<String>> split(String text, int step) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    CsvSplitter splitter = new CsvSplitter((byte) ',', (byte) '"');
    List<List<String>> records = new ArrayList<>();
    int from = 0;
    int limit = Math.min(step, bytes.length);
    while (from < bytes.length) {
      int end =
          from < limit
              ? splitter.split(bytes, from, limit, limit == bytes.length)
              : CsvSplitter.INCOMPLETE;
      if (end < 0) {
        limit = Math.min(limit + Math.min(step, bytes.length), bytes.length);
        continue;
      }
      if (splitter.problem() != null) {
        return null;
      }
      records.add(CsvFields.of(splitter, bytes));
      from = end;
    }
    return records;
  }
}
