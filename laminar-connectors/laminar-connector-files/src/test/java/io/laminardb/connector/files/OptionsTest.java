package io.laminardb.connector.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.core.connector.ConnectorOptions;
import io.laminardb.core.connector.Connectors;
import io.laminardb.core.error.SourcePosition;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OptionsTest {
  private static void assertRefused(Map<String, String> options, String message) {
    assertThatThrownBy(() -> new FilesConnector().source(ConnectorOptions.of("FILES", options)))
        .hasMessage(message);
  }

  @Test
  void theConnectorIsFoundByItsName() {
    Connectors connectors = new Connectors(getClass().getClassLoader());
    assertThat(connectors.get("files")).isInstanceOf(FilesConnector.class);
    assertThat(connectors.names()).containsExactly("FILES", "PRINT");
    assertThatThrownBy(() -> connectors.get("FILE"))
        .hasMessage("CONNECTOR_NOT_FOUND: there is no connector \"FILE\". Did you mean \"FILES\"?");
  }

  @Test
  void aMistakeInAnOptionIsSaidWithItsPlace() {
    SourcePosition key = new SourcePosition(2, 5, 2, 13);
    ConnectorOptions options =
        new ConnectorOptions(
            "FILES",
            List.of(
                new ConnectorOptions.Option("path", "a.csv", null, null),
                new ConnectorOptions.Option("delimeter", ";", key, null)));
    assertThatThrownBy(() -> new FilesConnector().source(options))
        .hasMessage(
            "INVALID_OPTION at line 2, column 5: FILES has no option \"delimeter\"."
                + " Did you mean \"delimiter\"?");
  }

  @Test
  void refusesWhatItCannotDo() {
    assertRefused(Map.of(), "INVALID_OPTION: FILES needs the option \"path\". Add path = '..'.");
    assertRefused(
        Map.of("path", "a.txt"),
        "INVALID_OPTION: path is 'a.txt', and its extension does not tell the format."
            + " Add format = 'csv' or format = 'json'.");
    assertRefused(
        Map.of("path", "a.csv", "format", "jsn"),
        "INVALID_OPTION: format is 'jsn', must be one of csv, json. Did you mean \"json\"?");
    assertRefused(
        Map.of("path", "a.json", "header", "true"),
        "INVALID_OPTION: header is 'true', but the format is json, which has no header."
            + " Remove it, or set format = 'csv'.");
    assertRefused(
        Map.of("path", "a.csv", "follow", "perhaps"),
        "INVALID_OPTION: follow is 'perhaps', must be true or false. Use 'true' or 'false'.");
    assertRefused(
        Map.of("path", "a.csv", "infer_rows", "0"),
        "INVALID_OPTION: infer_rows is '0', must be a whole number from 1 to 100000000.");
    assertRefused(
        Map.of("path", "a.csv", "delimiter", "||"),
        "INVALID_OPTION: delimiter is '||', must be a single ASCII character."
            + " Use a character such as ';' or '\\t'.");
    assertRefused(
        Map.of("path", "a.csv", "encoding", "latin1"),
        "INVALID_OPTION: encoding is 'latin1', must be UTF-8."
            + " Convert the file first: iconv -f latin1 -t UTF-8.");
    assertRefused(
        Map.of("path", "s3://bucket/a.csv"),
        "INVALID_OPTION: path is 's3://bucket/a.csv', must be a path of this machine."
            + " Mount or copy it.");
  }
}
