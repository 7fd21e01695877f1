package io.laminardb.core.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.core.error.SourcePosition;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConnectorOptionsTest {
  private static ConnectorOptions of(String key, String value) {
    return ConnectorOptions.of("TEST", Map.of(key, value));
  }

  @Test
  void readsTypedValuesWhateverTheCaseOfTheKey() {
    assertThat(of("Limit", " 5 ").getLong("LIMIT", 1, 0, 10)).isEqualTo(5);
    assertThat(of("a", "b").getLong("limit", 1, 0, 10)).isEqualTo(1);
    assertThat(of("on", "TRUE").getBoolean("on", false)).isTrue();
    assertThat(of("c", "\\t").getChar("c", ',')).isEqualTo('\t');
    assertThat(of("e", "Sink").getEnum("e", ConnectorFactory.Direction.class, null))
        .isEqualTo(ConnectorFactory.Direction.SINK);
    assertThat(of("d", "500 ms").getDuration("d", null)).isEqualTo(Duration.ofMillis(500));
    assertThat(of("d", "2 Minutes").getDuration("d", null)).isEqualTo(Duration.ofMinutes(2));
    assertThat(of("d", "PT1.5S").getDuration("d", null)).isEqualTo(Duration.ofMillis(1500));
  }

  @Test
  void saysWhatWasExpected() {
    assertThatThrownBy(() -> of("d", "soon").getDuration("d", null))
        .hasMessage(
            "INVALID_OPTION: d is 'soon', must be a duration. Write it as '500 ms' or '5 s'.");
    assertThatThrownBy(() -> of("d", "5 parsecs").getDuration("d", null))
        .hasMessageContaining("must be a duration");
    assertThatThrownBy(() -> of("n", "11").getLong("n", 1, 0, 10))
        .hasMessage("INVALID_OPTION: n is '11', must be a whole number from 0 to 10.");
    assertThatThrownBy(() -> of("path", "").requireString("path"))
        .hasMessage("INVALID_OPTION: path is '', must not be empty. Add path = '..'.");
  }

  @Test
  void pointsAtTheOption() {
    ConnectorOptions.Option first = option("path", 1);
    assertThatThrownBy(() -> new ConnectorOptions("TEST", List.of(first, option("PATH", 2))))
        .hasMessage(
            "INVALID_OPTION at line 2, column 3: option \"PATH\" of TEST is given twice."
                + " Remove one of them.");
    ConnectorOptions unknown = new ConnectorOptions("TEST", List.of(first, option("zzzzzz", 4)));
    assertThat(unknown.keys()).containsExactly("path", "zzzzzz");
    unknown.requireString("path");
    unknown.has("format");
    assertThatThrownBy(unknown::rejectUnknown)
        .hasMessage(
            "INVALID_OPTION at line 4, column 3: TEST has no option \"zzzzzz\"."
                + " The options are format, path.");
  }

  private static ConnectorOptions.Option option(String key, int line) {
    return new ConnectorOptions.Option(
        key, "x", SourcePosition.at(line, 3), SourcePosition.at(line, 9));
  }
}
