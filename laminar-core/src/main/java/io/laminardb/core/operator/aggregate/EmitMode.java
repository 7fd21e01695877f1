package io.laminardb.core.operator.aggregate;

/** When an aggregate emits. */
public enum EmitMode {
  /** Each group once, when its window closes or the input ends. */
  ON_CLOSE,

  /** Every change at once, row by row of input. */
  CHANGES,

  /** The net change of a period of processing time. */
  EVERY
}
