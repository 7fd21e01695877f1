package io.laminardb.sql.parser;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.error.SourcePosition;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.calcite.sql.SqlInsert;
import org.apache.calcite.sql.SqlSelect;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatementsTest {
  private final SqlParser parser = new SqlParser(Map.of("TOPIC", "tra'des")::get);

  private Statement one(String sql) {
    List<ParsedStatement> parsed = parser.parse(sql);
    assertThat(parsed).as(sql).hasSize(1);
    return parsed.get(0).statement();
  }

  @Test
  void createSourceHasColumnsKeyWatermarkConnectorAndOptions() {
    Statement.CreateSource source =
        (Statement.CreateSource)
            one(
                "CREATE OR REPLACE SOURCE trades (symbol VARCHAR(10) NOT NULL, price DOUBLE,\n"
                    + " ts TIMESTAMP(3), PRIMARY KEY (symbol, ts) NOT ENFORCED,\n"
                    + " WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)\n"
                    + " FROM KAFKA (topic = '${TOPIC}', schema.registry.url = 'http://x',"
                    + " table = 'products', max-poll = 5, ratio = 0.5, on = TRUE, format = json)\n"
                    + " WITH (allowed_lateness = INTERVAL '1 12:30' DAY TO MINUTE)");
    assertThat(source.name().name()).isEqualTo("trades");
    assertThat(source.orReplace()).isTrue();
    assertThat(source.columns())
        .extracting(column -> column.name().name())
        .containsExactly("symbol", "price", "ts");
    assertThat(source.columns()).extracting(Column::nullable).containsExactly(false, true, false);
    assertThat(source.columns().get(0).type()).hasToString("VARCHAR(10)");
    assertThat(source.columns().get(2).typePosition()).isEqualTo(new SourcePosition(2, 5, 2, 16));
    assertThat(source.primaryKey()).extracting(Identifier::name).containsExactly("symbol", "ts");
    assertThat(source.watermark().column().name()).isEqualTo("ts");
    assertThat(source.watermark().expression()).hasToString("`ts` - INTERVAL '5' SECOND");
    assertThat(source.watermark().position()).isEqualTo(new SourcePosition(3, 2, 3, 45));
    assertThat(source.connector().name().name()).isEqualTo("KAFKA");
    Options options = source.connector().options();
    assertThat(options.all())
        .extracting(Options.Option::name)
        .containsExactly(
            "topic", "schema.registry.url", "table", "max-poll", "ratio", "on", "format");
    assertThat(options.get("topic").value()).isEqualTo("tra'des");
    assertThat(options.get("MAX-POLL").value()).isEqualTo(5L);
    assertThat(options.get("ratio").value()).isEqualTo(new BigDecimal("0.5"));
    assertThat(options.get("on").value()).isEqualTo(true);
    assertThat(options.get("format").value()).isInstanceOf(Identifier.class);
    assertThat(options.get("format").text()).isEqualTo("json");
    assertThat(options.get("missing")).isNull();
    assertThat(source.with().get("allowed_lateness").value())
        .isEqualTo(Duration.ofHours(36).plusMinutes(30));
  }

  @Test
  void aSourceNeedsNoColumnsWhenAConnectorInfersThem() {
    Statement.CreateSource source =
        (Statement.CreateSource)
            one("CREATE SOURCE IF NOT EXISTS flights FROM FILES (path = 'a.csv') WITH (x = 1)");
    assertThat(source.ifNotExists()).isTrue();
    assertThat(source.columns()).isEmpty();
    assertThat(source.watermark()).isNull();
  }

  @Test
  void aWatermarkNeedsNoExpressionAndAKeyMayStandAtItsColumn() {
    Statement.CreateSource source =
        (Statement.CreateSource)
            one("CREATE SOURCE s (id BIGINT PRIMARY KEY NOT NULL, ts BIGINT, WATERMARK FOR ts)");
    assertThat(source.watermark().expression()).isNull();
    assertThat(source.primaryKey()).extracting(Identifier::name).containsExactly("id");
    assertThat(source.columns().get(0).nullable()).isFalse();
  }

  @Test
  void streamsAndViewsTakeSuffixesInAnyOrder() {
    Statement.CreateQuery stream =
        (Statement.CreateQuery)
            one(
                "CREATE STREAM s AS SELECT k, COUNT(*) AS n FROM t GROUP BY k, tumble(ts, INTERVAL"
                    + " '1' MINUTE) LATE DATA TO too_late WITH (allowed_lateness = INTERVAL '10'"
                    + " SECOND) EMIT EVERY INTERVAL '2' SECOND");
    assertThat(stream.kind()).isEqualTo(ObjectKind.STREAM);
    assertThat(stream.query().emit().mode()).isEqualTo(Emit.Mode.EVERY);
    assertThat(stream.query().emit().every()).isEqualTo(Duration.ofSeconds(2));
    assertThat(stream.query().lateDataTo().name()).isEqualTo("too_late");
    assertThat(stream.query().with().get("allowed_lateness").value())
        .isEqualTo(Duration.ofSeconds(10));
    Statement.CreateQuery view =
        (Statement.CreateQuery)
            one("CREATE MATERIALIZED VIEW IF NOT EXISTS v AS SELECT * FROM s EMIT ON WINDOW CLOSE");
    assertThat(view.kind()).isEqualTo(ObjectKind.MATERIALIZED_VIEW);
    assertThat(view.query().emit().mode()).isEqualTo(Emit.Mode.ON_WINDOW_CLOSE);
    assertThat(view.query().query()).isInstanceOf(SqlSelect.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT * FROM trades EMIT CHANGES",
        "SELECT * FROM trades t LATE DATA TO x",
        "WITH w AS (SELECT 1 AS a) SELECT * FROM w EMIT FINAL",
        "(SELECT 1) UNION ALL SELECT 2 EMIT CHANGES WITH (a = 1)",
        "VALUES (1, 2), (3, 4)",
        "TABLE trades"
      })
  void aQueryIsASelect(String sql) {
    assertThat(one(sql)).isInstanceOf(Statement.Select.class);
  }

  @Test
  void sinksReadAQueryOrAStream() {
    Statement.CreateSink sink =
        (Statement.CreateSink)
            one("CREATE SINK o INTO FILES (path = 'x') WITH (a = 1) AS SELECT * FROM s EMIT FINAL");
    assertThat(sink.connector().name().name()).isEqualTo("FILES");
    assertThat(sink.query().emit().mode()).isEqualTo(Emit.Mode.ON_WINDOW_CLOSE);
    assertThat(sink.from()).isNull();
    for (String sql :
        List.of(
            "CREATE SINK o FROM s INTO PRINT (x = 1)",
            "CREATE SINK o INTO PRINT (x = 1) FROM s",
            "CREATE OR REPLACE SINK o FROM s INTO PRINT")) {
      Statement.CreateSink from = (Statement.CreateSink) one(sql);
      assertThat(from.from().name()).isEqualTo("s");
      assertThat(from.query()).isNull();
    }
  }

  @Test
  void tablesAndLookupTables() {
    Statement.CreateTable table =
        (Statement.CreateTable) one("CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR)");
    assertThat(table.kind()).isEqualTo(ObjectKind.TABLE);
    Statement.CreateTable lookup =
        (Statement.CreateTable)
            one("CREATE LOOKUP TABLE t (id INT, PRIMARY KEY (id)) FROM POSTGRES (a = 'b')");
    assertThat(lookup.kind()).isEqualTo(ObjectKind.LOOKUP_TABLE);
    assertThat(lookup.connector().name().name()).isEqualTo("POSTGRES");
  }

  @Test
  void alterAddsColumnsOrSetsOptions() {
    Statement.AlterSource add =
        (Statement.AlterSource) one("ALTER SOURCE s ADD COLUMN a INT, b VARCHAR NOT NULL");
    assertThat(add.addedColumns()).hasSize(2);
    Statement.AlterSource set = (Statement.AlterSource) one("ALTER SOURCE s SET (a = 'b')");
    assertThat(set.options().get("a").text()).isEqualTo("b");
    assertThat(one("ALTER SOURCE IF EXISTS s ADD COLUMN a INT, COLUMN b INT")).isNotNull();
  }

  @Test
  void dropKnowsAllKinds() {
    assertThat(one("DROP MATERIALIZED VIEW IF EXISTS v CASCADE"))
        .isEqualTo(
            new Statement.Drop(
                ObjectKind.MATERIALIZED_VIEW,
                new Identifier("v", false, new SourcePosition(1, 34, 1, 34)),
                true,
                true));
    for (String kind :
        List.of("SOURCE", "STREAM", "MATERIALIZED VIEW", "VIEW", "TABLE", "LOOKUP TABLE", "SINK")) {
      assertThat(one("DROP " + kind + " x")).isInstanceOf(Statement.Drop.class);
    }
  }

  @Test
  void dmlNamesItsTable() {
    Statement.Insert insert =
        (Statement.Insert) one("INSERT INTO t (a, \"b c\") VALUES (1, ?), (2, 'x')");
    assertThat(insert.table().name()).isEqualTo("t");
    assertThat(insert.columns()).extracting(Identifier::name).containsExactly("a", "b c");
    assertThat(insert.node()).isInstanceOf(SqlInsert.class);
    assertThat(((Statement.Update) one("UPDATE t SET a = 1 WHERE b = 2")).table().name())
        .isEqualTo("t");
    assertThat(((Statement.Delete) one("DELETE FROM t WHERE b = 2")).table().name()).isEqualTo("t");
  }

  @Test
  void subscribeTakesANameOrAQuery() {
    assertThat(((Statement.Subscribe) one("SUBSCRIBE vwap")).name().name()).isEqualTo("vwap");
    assertThat(((Statement.Subscribe) one("SUBSCRIBE TO vwap")).name().name()).isEqualTo("vwap");
    for (String sql :
        List.of(
            "SUBSCRIBE SELECT * FROM t EMIT CHANGES",
            "SUBSCRIBE (SELECT * FROM t EMIT CHANGES)",
            "SUBSCRIBE TO (SELECT * FROM t) EMIT CHANGES")) {
      assertThat(((Statement.Subscribe) one(sql)).query().emit().mode())
          .isEqualTo(Emit.Mode.CHANGES);
    }
  }

  @Test
  void showExplainAndDescribe() {
    for (Statement.Show.Subject subject : Statement.Show.Subject.values()) {
      String words = subject.name().replace('_', ' ');
      assertThat(one("SHOW " + words)).isEqualTo(new Statement.Show(subject, null));
      assertThat(one("show " + words.toLowerCase(java.util.Locale.ROOT) + " like 'a%'"))
          .isEqualTo(new Statement.Show(subject, "a%"));
    }
    assertThat(((Statement.ShowCreate) one("SHOW CREATE MATERIALIZED VIEW v")).kind())
        .isEqualTo(ObjectKind.MATERIALIZED_VIEW);
    assertThat(((Statement.ShowCreate) one("SHOW CREATE stream")).name().name())
        .isEqualTo("stream");
    assertThat(((Statement.Describe) one("DESC t")).name().name()).isEqualTo("t");
    assertThat(((Statement.Describe) one("DESCRIBE \"T x\"")).name().quoted()).isTrue();
    for (Statement.Explain.Mode mode : Statement.Explain.Mode.values()) {
      String word = mode == Statement.Explain.Mode.DEFAULT ? "" : mode.name();
      Statement.Explain query = (Statement.Explain) one("EXPLAIN " + word + " SELECT 1");
      assertThat(query.mode()).isEqualTo(mode);
      assertThat(query.statement()).isInstanceOf(Statement.Select.class);
      Statement.Explain object = (Statement.Explain) one("EXPLAIN " + word + " vwap");
      assertThat(object.mode()).isEqualTo(mode);
      assertThat(object.object().name()).isEqualTo("vwap");
    }
    assertThat(one("EXPLAIN WAITING"))
        .isEqualTo(new Statement.Explain(Statement.Explain.Mode.WAITING, null, null));
    assertThat(((Statement.Explain) one("EXPLAIN CREATE STREAM s AS SELECT 1")).statement())
        .isInstanceOf(Statement.CreateQuery.class);
  }

  @Test
  void settingsAndCheckpoint() {
    Statement.SetOption set = (Statement.SetOption) one("SET late.policy = 'drop'");
    assertThat(set.name()).isEqualTo("late.policy");
    assertThat(set.value().text()).isEqualTo("drop");
    assertThat(
            ((Statement.SetOption) one("SET idle TO INTERVAL '500' MILLISECOND")).value().value())
        .isEqualTo(Duration.ofMillis(500));
    assertThat(((Statement.SetOption) one("RESET idle")).value()).isNull();
    assertThat(one("checkpoint")).isEqualTo(new Statement.Checkpoint());
    Statement.Backup backup = (Statement.Backup) one("BACKUP TO '/var/it''s'");
    assertThat(backup.directory()).isEqualTo("/var/it's");
    assertThat(backup.position().column()).isEqualTo(11);
  }

  @Test
  void statementsOfOneTextKnowTheirPlaces() {
    String sql = "-- first; not a cut\nSET a = ';' ; ;\n/* two; */ SELECT ';', ? FROM t; ";
    List<ParsedStatement> parsed = parser.parse(sql);
    assertThat(parsed)
        .extracting(ParsedStatement::text)
        .containsExactly("SET a = ';'", "SELECT ';', ? FROM t");
    ParsedStatement second = parsed.get(1);
    assertThat(sql.substring(second.offset())).startsWith("SELECT ';'");
    assertThat(second.position()).isEqualTo(new SourcePosition(3, 12, 3, 31));
    assertThat(second.parameterCount()).isEqualTo(1);
    QuerySpec query = ((Statement.Select) second.statement()).query();
    SqlSelect select = (SqlSelect) query.query();
    assertThat(SourcePositions.of(select.getFrom().getParserPosition()))
        .isEqualTo(SourcePosition.at(3, 31));
    assertThat(parser.parse("")).isEmpty();
    assertThat(parser.parse(" ; -- nothing\n")).isEmpty();
  }

  @Test
  void variablesAreReplacedInStringsOnlyAndMoveNothing() {
    String sql = "SELECT '${TOPIC}', '${NONE:-it''s}', '${' AS \"${TOPIC}\" FROM t WHERE x > 1";
    Statement.Select select = (Statement.Select) one(sql);
    SqlSelect node = (SqlSelect) select.query().query();
    assertThat(node.getSelectList().get(0)).hasToString("'tra''des' AS `'${TOPIC}'`");
    assertThat(node.getSelectList().get(1)).hasToString("'it''s' AS `'${NONE:-it''s}'`");
    assertThat(node.getSelectList().get(2)).hasToString("'${' AS `${TOPIC}`");
    assertThat(node.getWhere().getParserPosition().getColumnNum()).isEqualTo(70);
    assertThat(parser.parse(sql).get(0).text()).isEqualTo(sql);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT * FROM a ASOF LEFT JOIN b MATCH_CONDITION(a.ts >= b.ts) ON a.k = b.k",
        "SELECT * FROM a LEFT ASOF JOIN b MATCH_CONDITION(a.ts >= b.ts) ON a.k = b.k",
        "SELECT * FROM a ASOF JOIN b MATCH_CONDITION(a.ts >= b.ts) WHERE a.x > 1",
        "SELECT * FROM o JOIN r FOR SYSTEM_TIME AS OF o.ts AS r ON o.k = r.k",
        "SELECT a FROM t QUALIFY ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts DESC) = 1",
        "SELECT k, LAST_VALUE(v ORDER BY ts) AS last FROM t GROUP BY k",
        "SELECT k FROM t GROUP BY k, cumulate(ts, INTERVAL '1' HOUR, INTERVAL '1' DAY)",
        "SELECT * FROM a CROSS JOIN b FULL OUTER JOIN c USING (k)",
        "SELECT * FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.k = a.k) AND x NOT IN (1, 2)",
        "SELECT a FROM t GROUP BY GROUPING SETS ((a), ()) HAVING COUNT(*) > 1",
        "SELECT ARRAY[1, 2], MAP['a', 1], x[1], t.r.f FROM t"
      })
  void queriesOfLaterReleasesParse(String sql) {
    assertThat(one(sql)).isInstanceOf(Statement.Select.class);
  }
}
