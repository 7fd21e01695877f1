package io.laminardb.sql.parser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ErrorsTest {
  private final SqlParser parser = new SqlParser(Map.<String, String>of()::get);

  private LaminarException error(String sql) {
    LaminarException e =
        catchThrowableOfType(LaminarException.class, () -> parser.parse(sql));
    assertThat(e).as(sql).isNotNull();
    return e;
  }

  private void says(String sql, String message) {
    assertThat(error(sql).getMessage()).isEqualTo(message);
  }

  @Test
  void printAll() {
    for (String sql :
        new String[] {
          "CRATE SOURCE t (a INT)",
          "CREATE STRAEM s AS SELECT 1",
          "CREATE MATERIALIZED VEIW v AS SELECT 1",
          "CREATE SOURCE t (a INT,)",
          "CREATE SOURCE t (a, b INT)",
          "CREATE SOURCE t (a INT b INT)",
          "CREATE SOURCE order (a INT)",
          "CREATE SOURCE t (a INT, A INT)",
          "CREATE SOURCE t (a INT, PRIMARY KEY (b))",
          "CREATE SOURCE t",
          "CREATE STREAM s SELECT 1",
          "SELECT a FORM t",
          "SELECT a FROM t WHER a > 1",
          "SELECT a FROM t WHERE a >",
          "SELECT a, FROM t",
          "SELECT a FROM t GROUP a",
          "SELECT (a + b FROM t",
          "SELECT a FROM t EMIT SOMETIMES",
          "SELECT a FROM t EMIT CHANGES EMIT FINAL",
          "SELECT a FROM (SELECT * FROM t EMIT CHANGES) x",
          "SELECT a FROM t WITH (a 1)",
          "SELECT a FROM t WITH (a = 1, a = 2)",
          "SELECT 'abc FROM t",
          "SELECT \"abc FROM t",
          "SELECT a /* FROM t",
          "SELECT a # b FROM t",
          "SELECT '${X}' FROM t",
          "SELECT '${X' FROM t",
          "DROP STREM s",
          "SHOW STREAM",
          "DROP SOURCE s CASCDE",
          "SET a 1",
          "EXPLAIN",
          "INSERT INTO t VALUE 1",
          "INSERT t VALUES (1)",
          "EMIT CHANGES",
          "CREATE VIEW v AS SELECT 1",
          "SELECT a FROM t EMIT EVERY INTERVAL '1' MONTH",
          "SELECT a FROM t EMIT EVERY INTERVAL 'x' SECOND",
          "SELECT a FROM a.b.c WHERE (SELECT",
          "SELECT * FROM t LIMIT x",
          "SELECT CAST(a AS) FROM t",
          "SELECT a FROM t JOIN u",
          "SELECT a FROM t;\nSELECT b FRM u;",
          "CREATE SINK s INTO KAFKA (topic = 'x')",
          "CREATE SINK s AS SELECT 1",
          "SELECT COUNT(* FROM t",
          "select a from t where a = 'x' and",
          "SELECT CASE WHEN a THEN 1 FROM t",
          "SELECT tumble(ts, INTERVAL '1' MINUT) FROM t",
          "SELECT tumble(ts, INTERVAL 1 MINUTES) FROM t ORDER a",
        }) {
      System.out.println(error(sql).getMessage());
    }
  }

  @Test
  void deepNestingIsRefused() {
    for (String sql :
        new String[] {
          "SELECT " + "(".repeat(150) + "1" + ")".repeat(150),
          "SELECT " + "f(".repeat(150) + "1" + ")".repeat(150),
          "SELECT * FROM " + "(SELECT * FROM ".repeat(100) + "t" + ")".repeat(100)
        }) {
      parser.parse(sql);
    }
    for (String sql :
        new String[] {
          "SELECT " + "(".repeat(100_000) + "1",
          "SELECT " + "NOT ".repeat(100_000) + "TRUE",
          "SELECT " + "- ".repeat(100_000) + "1",
          "SELECT " + "CASE WHEN ".repeat(100_000) + "1",
          "SELECT 1" + " + 1".repeat(5_000),
          "SELECT 1" + " UNION ALL SELECT 1".repeat(20_000),
          "EXPLAIN ".repeat(100_000) + "SELECT 1",
          "SELECT ARRAY" + "[".repeat(50_000)
        }) {
      LaminarException e = error(sql);
      assertThat(e.code()).as(sql.substring(0, 20)).isEqualTo(ErrorCode.QUERY_TOO_COMPLEX);
      assertThat(e.position()).isNotNull();
    }
  }
}
