package io.laminardb.docs;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.StatementResult;
import io.laminardb.core.batch.Field;
import io.laminardb.core.error.LaminarException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A page of the documentation and its fenced blocks. Blocks tagged {@code sql} run in order in one
 * database; one tagged {@code sql error=CODE} is refused with that code. A {@code result} block holds
 * the rows of the last statement before it that answered rows; of a live one those that came since. A {@code message} block holds the
 * first line of the error before it.
 */
record DocPage(Path file, List<DocPage.Block> blocks) {
  private static final String FENCE = "```";

  /**
   * A fenced block.
   *
   * @param tag what follows the fence, such as {@code sql error=COLUMN_NOT_FOUND}
   * @param line of its first line of text, from 1
   */
  record Block(String tag, String text, int line) {
    boolean isSql() {
      return tag.equals("sql") || tag.startsWith("sql ");
    }

    boolean isResult() {
      return tag.equals("result");
    }

    boolean isMessage() {
      return tag.equals("message");
    }

    /** The code of the error a statement must fail with, or null. */
    String errorCode() {
      return tag.startsWith("sql error=") ? tag.substring("sql error=".length()) : null;
    }
  }

  static DocPage read(Path file) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).startsWith(FENCE)) {
        int from = i + 1;
        int to = from;
        while (to < lines.size() && !lines.get(to).startsWith(FENCE)) {
          to++;
        }
        String tag = lines.get(i).substring(FENCE.length()).strip();
        blocks.add(new Block(tag, String.join("\n", lines.subList(from, to)), from + 1));
        i = to;
      }
    }
    return new DocPage(file, List.copyOf(blocks));
  }

  /** What a page says and what happens differ. */
  static final class Mismatch extends AssertionError {
    private static final long serialVersionUID = 1L;

    Mismatch(DocPage page, Block block, String problem, Throwable cause) {
      super(page.file + ":" + block.line + ": " + problem + "\n" + block.text, cause);
    }
  }

  /** Runs all SQL of this page and compares errors and results. */
  void run(LaminarDB db) {
    new Run(db).blocks();
  }

  /** One run of a page: what its blocks refer back to. */
  private final class Run {
    private final LaminarDB db;
    private final List<Rows> open = new ArrayList<>();
    private Rows rows;
    private String message;

    Run(LaminarDB db) {
      this.db = db;
    }

    void blocks() {
      for (Block block : blocks) {
        if (block.isSql()) {
          execute(block);
        } else if (block.isResult()) {
          check(block, rows == null ? null : text(rows));
        } else if (block.isMessage()) {
          check(block, message);
        }
      }
      open.forEach(Rows::close);
    }

    private void check(Block block, String actual) {
      if (!block.text.equals(actual)) {
        throw new Mismatch(DocPage.this, block, "what happens is\n" + actual + "\nnot", null);
      }
    }

    private void execute(Block block) {
      String code = block.errorCode();
      try {
        for (StatementResult result : db.execute(block.text)) {
          if (result.hasRows()) {
            rows = result.rows();
            open.add(rows);
          }
        }
        if (code != null) {
          throw new Mismatch(DocPage.this, block, "this was not refused with " + code, null);
        }
      } catch (LaminarException e) {
        if (!e.code().name().equals(code)) {
          throw new Mismatch(DocPage.this, block, "this failed: " + e.getMessage(), e);
        }
        message = firstLine(e);
      }
    }
  }

  static String firstLine(LaminarException e) {
    return e.getMessage().lines().findFirst().orElse("");
  }

  /** A line of column names, then a line a row; of a changelog with its weight in front. */
  static String text(Rows rows) {
    List<Field> fields = rows.schema().fields();
    int[] columns =
        IntStream.range(0, fields.size()).filter(i -> !fields.get(i).hidden()).toArray();
    boolean changelog = rows.isLive() && rows.schema().isChangelog();
    List<String> lines = new ArrayList<>();
    lines.add(
        (changelog ? "   " : "")
            + IntStream.of(columns)
                .mapToObj(i -> fields.get(i).name())
                .collect(Collectors.joining(" | ")));
    for (Row row : rows.drain()) {
      String values =
          IntStream.of(columns)
              .mapToObj(i -> row.isNull(i) ? "NULL" : row.getString(i))
              .collect(Collectors.joining(" | "));
      String weight = !changelog ? "" : row.weight() > 0 ? "+1 " : "-1 ";
      lines.add((weight + values).stripTrailing());
    }
    return String.join("\n", lines);
  }
}
