package io.laminardb.core.error;

/** Stable identifiers of everything that can go wrong. A constant is never renamed or reused. */
public enum ErrorCode {
  // What the user wrote.
  SYNTAX_ERROR(Category.USER),
  NOT_SUPPORTED(Category.USER),
  VALIDATION_FAILED(Category.USER),
  TYPE_MISMATCH(Category.USER),
  COLUMN_NOT_FOUND(Category.USER),
  OBJECT_NOT_FOUND(Category.USER),
  OBJECT_EXISTS(Category.USER),
  OBJECT_IN_USE(Category.USER),
  FUNCTION_NOT_FOUND(Category.USER),
  INVALID_OPTION(Category.USER),
  INVALID_WINDOW(Category.USER),
  INVALID_TIME_ATTRIBUTE(Category.USER),
  VARIABLE_NOT_SET(Category.USER),
  QUERY_TOO_COMPLEX(Category.USER),
  PARAMETER_MISMATCH(Category.USER),

  // How the user calls us.
  SCHEMA_MISMATCH(Category.USER),
  NULL_NOT_ALLOWED(Category.USER),
  DUPLICATE_KEY(Category.USER),
  WRONG_THREAD(Category.USER),
  NOT_STARTED(Category.USER),
  CLOSED(Category.USER),
  SOURCE_ENDED(Category.USER),
  LISTENER_FAILED(Category.USER),

  // What a row did.
  EXPRESSION_FAILED(Category.USER),
  BAD_RECORD(Category.USER),

  // What ran out.
  MEMORY_BUDGET_EXCEEDED(Category.RESOURCE),
  BACKPRESSURE(Category.RESOURCE),

  // The world outside.
  CONNECTOR_NOT_FOUND(Category.SYSTEM),
  CONNECTOR_FAILED(Category.SYSTEM),
  IO_ERROR(Category.SYSTEM),
  STATE_DIR_LOCKED(Category.SYSTEM),
  STATE_CORRUPT(Category.SYSTEM),

  // Our own mistake.
  INTERNAL_ERROR(Category.BUG);

  /** Who has to act: the user, the owner of the machine, an outside system, or us. */
  public enum Category {
    USER,
    RESOURCE,
    SYSTEM,
    BUG
  }

  private final Category category;

  ErrorCode(Category category) {
    this.category = category;
  }

  public Category category() {
    return category;
  }
}
