package io.laminardb.sql.plan;

import io.laminardb.core.batch.Field;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
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
  static OutputColumns of(RelRoot root, QueryKind kind) {
    List<RelDataTypeField> inputs = root.rel.getRowType().getFieldList();
    Map<String, Integer> names = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    List<Integer> indexes = new ArrayList<>();
    List<Field> fields = new ArrayList<>();
    List<RelDataType> types = new ArrayList<>();
    root.fields.forEach(
        (index, physical) -> {
          boolean hidden = HiddenColumns.isHidden(physical);
          String name = HiddenColumns.visibleName(physical);
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

  List<RexNode> references(RexBuilder rex, Pipe rows) {
    List<RexNode> references = new ArrayList<>();
    for (int i = 0; i < indexes.size(); i++) {
      references.add(rex.makeInputRef(types.get(i), indexes.get(i)));
    }
    return references;
  }
}
