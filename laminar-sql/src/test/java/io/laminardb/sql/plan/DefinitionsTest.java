package io.laminardb.sql.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.core.batch.DataType;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.ChangelogMode;
import io.laminardb.sql.catalog.EventTime;
import org.junit.jupiter.api.Test;

class DefinitionsTest {
  private final PlanningSession session = new PlanningSession();

  private CatalogObject define(String sql) {
    session.run(sql);
    return session.catalog.snapshot().all().stream().reduce((a, b) -> b).orElseThrow();
  }

  @Test
  void theWatermarkFollowsItsColumnWithTheDelayDeclared() {
    assertThat(
            define(
                    "CREATE SOURCE a (symbol VARCHAR, ts BIGINT) WITH (watermark = 'ts',"
                        + " allowed_lateness = INTERVAL '5' SECOND)")
                .eventTime())
        .isEqualTo(new EventTime(1, 5_000_000_000L, true));
    assertThat(
            define(
                    "CREATE SOURCE b (symbol VARCHAR, ts TIMESTAMP NOT NULL,"
                        + " WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)")
                .eventTime())
        .isEqualTo(new EventTime(1, 5_000_000_000L, true));
    assertThat(define("CREATE SOURCE c (ts BIGINT)").eventTime()).isNull();
  }

  @Test
  void typesHaveTheirDefaults() {
    assertThat(
            define(
                    "CREATE SOURCE s (a DECIMAL, b DECIMAL(5), c TIMESTAMP, d TIMESTAMP(9) WITH"
                        + " LOCAL TIME ZONE, e STRING, f FLOAT, g CHAR(3))")
                .schema()
                .fields())
        .extracting(field -> field.type())
        .containsExactly(
            DataType.decimal(38, 10),
            DataType.decimal(5, 0),
            DataType.timestamp(6),
            DataType.timestampLtz(9),
            DataType.VARCHAR,
            DataType.DOUBLE,
            DataType.varchar(3));
  }

  @Test
  void anUpsertSourceNeedsAKey() {
    CatalogObject orders =
        define("CREATE SOURCE o (id INT, PRIMARY KEY (id)) WITH (changelog = 'upsert')");
    assertThat(orders.changelogMode()).isEqualTo(ChangelogMode.UPSERT);
    assertThat(orders.schema().isChangelog()).isTrue();
    assertThatThrownBy(() -> session.run("CREATE SOURCE p (id INT) WITH (changelog = 'upsert')"))
        .hasMessageContaining("needs a PRIMARY KEY");
  }

  @Test
  void unknownOptionsAreRefused() {
    assertThatThrownBy(() -> session.run("CREATE SOURCE s (ts BIGINT) WITH (watrmark = 'ts')"))
        .hasMessageContaining("INVALID_OPTION at line 1, column 35")
        .hasMessageContaining("Did you mean \"watermark\"?");
  }

  @Test
  void anObjectThatIsReadStays() {
    session.run("CREATE SOURCE s (a INT); CREATE STREAM t AS SELECT a FROM s");
    assertThatThrownBy(() -> session.catalog.remove("S", null))
        .hasMessageContaining("OBJECT_IN_USE: source \"s\" is read by stream \"t\"");
    assertThat(session.catalog.snapshot().cascade("s"))
        .extracting(CatalogObject::name)
        .containsExactly("t");
    assertThatThrownBy(() -> session.run("CREATE SOURCE S (b INT)"))
        .hasMessageContaining("OBJECT_EXISTS at line 1, column 15");
  }
}
