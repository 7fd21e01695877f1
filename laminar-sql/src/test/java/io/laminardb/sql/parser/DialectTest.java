package io.laminardb.sql.parser;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DialectTest {
  private final SqlParser parser = new SqlParser(Map.of("KAFKA_BROKERS", "localhost:9092")::get);

  @Test
  void everyStatementOfTheDialectParses() throws IOException {
    List<ParsedStatement> statements = parser.parse(dialect());
    assertThat(statements).hasSize(26);
    for (ParsedStatement parsed : statements) {
      assertThat(parser.parse(parsed.text())).hasSize(1);
    }
  }

  private static String dialect() throws IOException {
    try (InputStream in = DialectTest.class.getResourceAsStream("/sql-parser/dialect.sql")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
