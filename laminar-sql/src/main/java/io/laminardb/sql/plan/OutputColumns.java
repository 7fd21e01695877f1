package io.laminardb.sql.plan;

import io.laminardb.core.batch.Field;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.sql.parser.Identifier;
import io.laminardb.sql.validate.HiddenColumns;
import io.laminardb.sql.validate.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.calcite.rel.RelRoot;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeField;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexNode;

/**
 * Which columns of the algebra are the query's result, and what they are called. A hidden window
 * bound is left out where a visible column has its name.
 */
record OutputColumns(List<Integer> indexes, List<Field> fields, List<RelDataType> types) {
  /**
   * Those of a query.
   *
   * @param written the names its definition gives them; empty where they have their own
   */
  static OutputColumns of(RelRoot root, QueryKind kind, List<Identifier> written) {
    checkCount(root, written);
    List<RelDataTypeField> inputs = root.rel.getRowType().getFieldList();
    Map<String, Integer> names = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    List<Integer> indexes = new ArrayList<>();
    List<Field> fields = new ArrayList<>();
    List<RelDataType> types = new ArrayList<>();
    root.fields.forEach(
        (index, physical) -> {
          boolean hidden = HiddenColumns.isHidden(physical);
          int place = (int) fields.stream().filter(field -> !field.hidden()).count();
          String name =
              hidden || written.isEmpty()
                  ? HiddenColumns.visibleName(physical)
                  : written.get(place).name();
          if (names.putIfAbsent(name, fields.size()) != null) {
            if (hidden) {
              return;
            }
            if (kind != QueryKind.SNAPSHOT) {
              throw new LaminarException(
                      ErrorCode.VALIDATION_FAILED, "two columns are called \"" + name + "\".")
                  .mend("Rename one of them: .. AS " + name + "_2.");
            }
          }
          RelDataType type = inputs.get(index).getType();
          indexes.add(index);
          fields.add(new Field(name, Types.of(type), type.isNullable(), hidden));
          types.add(type);
        });
    return new OutputColumns(indexes, fields, types);
  }

  private static void checkCount(RelRoot root, List<Identifier> written) {
    long columns = root.fields.stream().filter(f -> !HiddenColumns.isHidden(f.getValue())).count();
    if (!written.isEmpty() && columns != written.size()) {
      throw new LaminarException(
              ErrorCode.VALIDATION_FAILED,
              written.size() + " names for " + columns + " columns of the query.")
          .mend("Name each column, or none.")
          .at(written.get(0).position());
    }
  }

  List<RexNode> references(RexBuilder rex, Pipe rows) {
    List<RexNode> references = new ArrayList<>();
    for (int i = 0; i < indexes.size(); i++) {
      references.add(rex.makeInputRef(types.get(i), indexes.get(i)));
    }
    return references;
  }
}
