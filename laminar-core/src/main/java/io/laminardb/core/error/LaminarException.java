package io.laminardb.core.error;

import static java.util.Objects.requireNonNull;

/**
 * Every failure Laminar reports: a stable code, the place where there is one, what happened against
 * what was expected, and the next step.
 *
 * <p>{@link #getMessage()} reads {@code CODE at line 3, column 17: what happened. How to mend.},
 * followed, where the SQL text is known, by the line and a caret under the place.
 */
public final class LaminarException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final String problem;
  private final String mend;
  private final transient SourcePosition position;
  private final String excerpt;

  public LaminarException(ErrorCode code, String problem) {
    this(code, problem, null, null, null, null);
  }

  public LaminarException(ErrorCode code, String problem, Throwable cause) {
    this(code, problem, null, null, null, cause);
  }

  private LaminarException(
      ErrorCode code,
      String problem,
      String mend,
      SourcePosition position,
      String excerpt,
      Throwable cause) {
    super(render(code, problem, mend, position, excerpt), cause);
    this.code = requireNonNull(code, "code");
    this.problem = requireNonNull(problem, "problem");
    this.mend = mend;
    this.position = position;
    this.excerpt = excerpt;
  }

  /** The same failure with the next step for the reader, a full sentence. */
  public LaminarException mend(String sentence) {
    return copy(sentence, position, excerpt);
  }

  /** The same failure with its place in the SQL text, without an excerpt. */
  public LaminarException at(SourcePosition place) {
    return copy(mend, place, excerpt);
  }

  /** The same failure with the line of {@code sql} it points at and a caret below it. */
  public LaminarException in(String sql) {
    return position == null ? this : copy(mend, position, excerptOf(sql, position));
  }

  public ErrorCode code() {
    return code;
  }

  /** What happened, without code, place and mend. */
  public String problem() {
    return problem;
  }

  /** The next step, or null. */
  public String mend() {
    return mend;
  }

  /** The place in the SQL text, or null. */
  public SourcePosition position() {
    return position;
  }

  private LaminarException copy(String newMend, SourcePosition newPosition, String newExcerpt) {
    LaminarException copy =
        new LaminarException(code, problem, newMend, newPosition, newExcerpt, getCause());
    copy.setStackTrace(getStackTrace());
    return copy;
  }

  private static String render(
      ErrorCode code, String problem, String mend, SourcePosition position, String excerpt) {
    StringBuilder text = new StringBuilder(160).append(code);
    if (position != null) {
      text.append(" at ").append(position);
    }
    text.append(": ").append(problem);
    if (mend != null) {
      text.append(' ').append(mend);
    }
    if (excerpt != null) {
      text.append(excerpt);
    }
    return text.toString();
  }

  private static String excerptOf(String sql, SourcePosition position) {
    String[] lines = sql.split("\n", -1);
    if (position.line() < 1 || position.line() > lines.length) {
      return null;
    }
    String line = lines[position.line() - 1].stripTrailing();
    int start = Math.max(1, position.column());
    int end =
        position.endLine() == position.line()
            ? Math.max(start, position.endColumn())
            : Math.max(start, line.length());
    String gutter = position.line() + " | ";
    return "\n"
        + gutter
        + line
        + "\n"
        + " ".repeat(gutter.length())
        + pad(line, start - 1)
        + "^".repeat(Math.min(end - start + 1, 120));
  }

  /** Blanks up to {@code column}, tabs kept, so that the caret stands under its character. */
  private static String pad(String line, int column) {
    StringBuilder blanks = new StringBuilder(column);
    for (int i = 0; i < column; i++) {
      blanks.append(i < line.length() && line.charAt(i) == '\t' ? '\t' : ' ');
    }
    return blanks.toString();
  }
}
