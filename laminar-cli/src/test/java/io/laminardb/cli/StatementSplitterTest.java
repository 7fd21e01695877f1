package io.laminardb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.cli.StatementSplitter.Piece;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatementSplitterTest {
  private static List<String> texts(String sql) {
    return StatementSplitter.split(sql).stream().map(Piece::text).toList();
  }

  @Test
  void cutsAtSemicolonsAndLeavesEmptyPiecesOut() {
    assertThat(texts(" SELECT 1 ;; -- nothing\n ;SELECT 2"))
        .containsExactly("SELECT 1", "SELECT 2");
  }

  @Test
  void keepsSemicolonsOfStringsNamesAndComments() {
    assertThat(texts("SELECT ';''' , \"a;b\", `;` -- ;\n /* ; */ FROM t // ;\n; SELECT 2;"))
        .hasSize(2)
        .first()
        .asString()
        .startsWith("SELECT ';'''")
        .endsWith("// ;");
  }

  @Test
  void knowsTheFirstWordBehindComments() {
    assertThat(StatementSplitter.split("-- why\n/* because */ select 1").get(0).firstWord())
        .isEqualTo("SELECT");
  }

  @Test
  void movesEachStatementToItsPlaceSoThatErrorsNameTheLineOfTheScript() {
    List<Piece> pieces = StatementSplitter.split("SELECT 1;\n\n  -- note\n  SELECT 2;");
    assertThat(pieces.get(1)).isEqualTo(new Piece("SELECT 2", 4, 3, true));
    assertThat(pieces.get(1).inPlace()).isEqualTo("\n\n\n  SELECT 2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "  ", "SELECT 1;", "SELECT 1; -- done", "-- only a note", "/* note */"})
  void isCompleteBehindASemicolon(String sql) {
    assertThat(StatementSplitter.isComplete(sql)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT 1",
        "SELECT ';",
        "SELECT 1; SELECT",
        "SELECT 1 -- ;",
        "/* ;",
        "SELECT \"a;"
      })
  void isNotCompleteWithinAStatement(String sql) {
    assertThat(StatementSplitter.isComplete(sql)).isFalse();
  }
}
