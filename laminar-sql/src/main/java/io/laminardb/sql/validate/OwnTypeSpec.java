package io.laminardb.sql.validate;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.error.LaminarException;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.sql.SqlDataTypeSpec;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlTypeNameSpec;
import org.apache.calcite.sql.SqlUserDefinedTypeNameSpec;
import org.apache.calcite.sql.SqlWriter;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.validate.SqlValidator;
import org.apache.calcite.util.Litmus;

/** A nested type in an expression, as it would be in the declaration of a column. */
final class OwnTypeSpec extends SqlTypeNameSpec {
  private final DataType type;

  private OwnTypeSpec(DataType type, SqlParserPos position) {
    super(new SqlIdentifier(type.toString(), position), position);
    this.type = type;
  }

  /** The type as we mean it; as it is where Calcite means the same. */
  static SqlDataTypeSpec of(SqlDataTypeSpec spec) {
    if (!Types.isNested(spec) && !(spec.getTypeNameSpec() instanceof SqlUserDefinedTypeNameSpec)) {
      return spec;
    }
    SqlParserPos position = spec.getParserPosition();
    try {
      OwnTypeSpec own = new OwnTypeSpec(Types.ofSpec(spec), position);
      return new SqlDataTypeSpec(own, null, spec.getNullable(), position);
    } catch (LaminarException e) {
      throw e.position() == null ? e.at(Positions.of(position)) : e;
    }
  }

  @Override
  public RelDataType deriveType(SqlValidator validator) {
    return Types.toRel(validator.getTypeFactory(), type, true);
  }

  @Override
  public void unparse(SqlWriter writer, int leftPrec, int rightPrec) {
    writer.keyword(type.toString());
  }

  @Override
  public boolean equalsDeep(SqlTypeNameSpec spec, Litmus litmus) {
    return spec instanceof OwnTypeSpec other && other.type.equals(type)
        ? litmus.succeed()
        : litmus.fail("{} != {}", this, spec);
  }
}
