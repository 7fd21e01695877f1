package io.laminardb.core.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;

class PrintConnectorTest {
  private static final List<Field> COLUMNS =
      List.of(
          Field.of("city", DataType.VARCHAR),
          Field.of("flights", DataType.BIGINT),
          new Field("window_start", DataType.timestamp(3), true, true),
          Field.of("avg_delay", DataType.DOUBLE));

  private static String printed(boolean changelog, String... options) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Map<String, String> values =
        options.length == 0
            ? Map.of()
            : options.length == 2
                ? Map.of(options[0], options[1])
                : Map.of(options[0], options[1], options[2], options[3]);
    Schema schema = new Schema(COLUMNS, changelog);
    try (PrintStream stream = new PrintStream(out, false, StandardCharsets.UTF_8);
        BufferAllocator allocator = new RootAllocator();
        Batch batch = new Batch(schema, 4, allocator);
        SinkWriter writer =
            new PrintConnector(stream).sink(ConnectorOptions.of("PRINT", values)).open(schema)) {
      add(batch, "Zürich", 12, 1.5, 1);
      add(batch, "a much, longer \"name\"", 3, Double.NaN, -1);
      batch.column(0).setNull(2);
      batch.column(1).setNull(2);
      batch.column(2).setNull(2);
      batch.column(3).setNull(2);
      end(batch, 1);
      writer.write(batch, 0, 1);
      writer.write(batch, 1, 3);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private static void add(Batch batch, String city, long flights, double delay, int weight) {
    byte[] text = city.getBytes(StandardCharsets.UTF_8);
    int row = batch.rowCount();
    batch.column(0).putBytes(row, text, 0, text.length);
    batch.column(1).putLong(row, flights);
    batch.column(2).putLong(row, 0);
    batch.column(3).putDouble(row, delay);
    end(batch, weight);
  }

  private static void end(Batch batch, int weight) {
    if (batch.schema().isChangelog()) {
      batch.endRow(weight);
    } else {
      batch.endRow();
    }
  }

  @Test
  void printsAlignedColumns() {
    assertThat(printed(false))
        .isEqualTo(
            """
            city       flights   avg_delay
            Zürich          12         1.5
            a much, longer "name"         3         NaN
            NULL                       NULL        NULL
            """);
  }

  @Test
  void marksTheRowsOfAChangelog() {
    assertThat(printed(true, "prefix", "> "))
        .isEqualTo(
            """
            >   city       flights   avg_delay
            > + Zürich          12         1.5
            > - a much, longer "name"         3         NaN
            > + NULL                       NULL        NULL
            """);
  }

  @Test
  void printsCsvAndJson() {
    assertThat(printed(true, "format", "csv"))
        .isEqualTo(
            """
            city,flights,avg_delay,__weight
            Zürich,12,1.5,1
            "a much, longer ""name""\",3,NaN,-1
            ,,,1
            """);
    assertThat(printed(false, "format", "json", "prefix", "out: "))
        .isEqualTo(
            """
            out: {"city":"Zürich","flights":12,"avg_delay":1.5}
            out: {"city":"a much, longer \\"name\\"","flights":3,"avg_delay":"NaN"}
            out: {"city":null,"flights":null,"avg_delay":null}
            """);
  }

  @Test
  void isNoSourceAndKnowsItsOptions() {
    PrintConnector print = new PrintConnector();
    ConnectorOptions options = ConnectorOptions.of("PRINT", Map.of("fromat", "csv"));
    assertThatThrownBy(() -> print.source(options))
        .hasMessage(
            "NOT_SUPPORTED: PRINT cannot be read from."
                + " It is a sink: CREATE SINK .. INTO PRINT (..).");
    assertThatThrownBy(() -> print.sink(options))
        .hasMessage("INVALID_OPTION: PRINT has no option \"fromat\". Did you mean \"format\"?");
  }
}
