package io.laminardb.connector.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.SourceReader;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonSourceTest extends FilesFixture {
  private static final Schema EVENTS =
      schema(
          Field.of("id", DataType.BIGINT),
          Field.of("price", DataType.DOUBLE),
          Field.of("note", DataType.VARCHAR),
          Field.of("at", DataType.timestamp(3)));

  @Test
  void mapsFieldsByNameInAnyOrder() {
    Path path =
        file(
            "t.jsonl",
            "{\"price\":1.5,\"ID\":7,\"other\":[1,{}],\"note\":\"a \\u20ac \\\"\\ud83d\\ude00\"}\n"
                + "\n  \r\n"
                + "{\"at\":\"2024-01-01T00:00:00Z\",\"note\":null,\"price\":2,\"id\":\"8\"}\r\n"
                + "{\"at\":1700000000123,\"note\":true,\"note\":1e3}");
    assertThat(rows(source(path), EVENTS))
        .containsExactly(
            "7,1.5,\"a € \"\"😀\",",
            "8,2.0,,2024-01-01T00:00:00.000",
            ",,1e3,2023-11-14T22:13:20.123");
  }

  @Test
  void keepsObjectsAndArraysAsTheirText() {
    Path path = file("t.json", "{\"note\": {\"a\" : [1, 2.50,\"é\"]} ,\"id\":1}\n{\"note\":[ ]}\n");
    assertThat(rows(source(path), EVENTS))
        .containsExactly("1,,\"{\"\"a\"\" : [1, 2.50,\"\"é\"\"]}\",", ",,[ ],");
  }

  @Test
  void readsArraysMapsAndObjectsIntoNestedColumns() {
    Schema schema =
        schema(
            Field.of("tags", DataType.array(DataType.VARCHAR)),
            Field.of("counts", DataType.map(DataType.VARCHAR, DataType.INTEGER)),
            Field.of("at", DataType.row(List.of(Field.of("x", DataType.DOUBLE)))));
    Path path =
        file(
            "t.jsonl",
            "{\"tags\":[\"a\",null],\"counts\":{\"z\":1, \"a\":2},\"at\":{\"y\":[], \"x\":1}}\n"
                + "{\"tags\":null,\"at\":{}}\n");
    assertThat(rows(source(path), schema))
        .containsExactly(
            "\"[\"\"a\"\",null]\",\"{\"\"a\"\":2,\"\"z\"\":1}\",\"{\"\"x\"\":1.0}\"",
            ",,\"{\"\"x\"\":null}\"");
    Path bad = file("bad.jsonl", "{\"tags\":[1]}\n");
    assertThatThrownBy(() -> rows(source(bad), schema))
        .hasMessageContaining("\"[1]\" is no ARRAY<VARCHAR>");
  }

  @Test
  void readsTextsFarLongerThanTheBuffer() {
    String text = "y".repeat(2_000_000);
    Path path = file("t.json", "{\"note\":\"" + text + "\"}\n{\"id\":2}");
    assertThat(rows(source(path), EVENTS)).containsExactly(",," + text + ",", "2,,,");
  }

  @Test
  void saysWhichFieldOfWhichLineIsOfAWrongType() {
    assertBad("{\"id\":1}\n{\"id\":1.5}", "line 2, column \"id\": \"1.5\" is no BIGINT.");
    assertBad("{\"price\":true}", "line 1, column \"price\": \"true\" is no DOUBLE.");
    assertBad("{\"price\":{\"a\":1}}", "line 1, column \"price\": \"{\"a\":1}\" is no DOUBLE.");
    assertBad("{\"at\":\"noon\"}", "line 1, column \"at\": \"noon\" is no TIMESTAMP(3).");
  }

  @Test
  void saysWhatIsNoJson() {
    assertBad("[1]", "line 1: a JSON object was expected, one a line.");
    assertBad("{\"id\":1} {}", "line 1: something stands behind the JSON object.");
    assertBad("{\"id\":1", "line 1: not valid JSON at character ");
    assertBad("{\"id\" 1}", "line 1: not valid JSON at character ");
  }

  private void assertBad(String content, String message) {
    Path path = file("bad.json", content);
    assertThatThrownBy(() -> rows(source(path), EVENTS))
        .hasMessageStartingWith("BAD_RECORD: file \"" + path + "\", " + message);
  }

  @Test
  void aSkippedRecordLeavesNothingBehind() {
    Path path =
        file(
            "t.json",
            "{\"note\":null,\"id\":null,\"price\":\"x\"}\n{\"id\":1,\"price\":2}\nnope\n");
    try (SourceReader reader = source(path, "on_error", "skip").open(EVENTS)) {
      assertThat(rows(reader, EVENTS, 10)).containsExactly("1,2.0,,");
      assertThat(reader.skippedRecords()).isEqualTo(2);
    }
  }

  @Test
  void infersColumnsFromAllFieldsOfTheSample() {
    Path path =
        file(
            "t.ndjson",
            "{\"id\":1,\"price\":1,\"code\":\"12\",\"at\":\"2024-01-01T10:00:00\",\"ok\":true}\n"
                + "{\"id\":2,\"price\":1.5,\"tags\":[\"a\"],\"nothing\":null}\n");
    assertThat(source(path).inferSchema().orElseThrow())
        .extracting(Field::toString)
        .containsExactly(
            "id BIGINT",
            "price DOUBLE",
            "code VARCHAR",
            "at TIMESTAMP(3)",
            "ok BOOLEAN",
            "tags VARCHAR",
            "nothing VARCHAR");
  }
}
