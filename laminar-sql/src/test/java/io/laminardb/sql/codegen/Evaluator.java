package io.laminardb.sql.codegen;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.operator.scalar.Decimals;
import io.laminardb.sql.function.Functions;
import io.laminardb.sql.plan.PlanNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.calcite.config.CalciteConnectionConfigImpl;
import org.apache.calcite.config.Lex;
import org.apache.calcite.jdbc.CalciteSchema;
import org.apache.calcite.jdbc.JavaTypeFactoryImpl;
import org.apache.calcite.plan.RelOptCluster;
import org.apache.calcite.plan.volcano.VolcanoPlanner;
import org.apache.calcite.prepare.CalciteCatalogReader;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.Filter;
import org.apache.calcite.rel.core.Project;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.rel.type.RelDataTypeSystemImpl;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.schema.impl.AbstractTable;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.parser.SqlParseException;
import org.apache.calcite.sql.parser.SqlParser;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.sql.validate.SqlConformanceEnum;
import org.apache.calcite.sql.validate.SqlValidator;
import org.apache.calcite.sql.validate.SqlValidatorUtil;
import org.apache.calcite.sql2rel.SqlToRelConverter;
import org.apache.calcite.sql2rel.StandardConvertletTable;

/** Runs {@code SELECT .. FROM t [WHERE ..]} over rows, through the generated operator. */
final class Evaluator implements OperatorContext, AutoCloseable {
  private static final class Types extends RelDataTypeSystemImpl {
    @Override
    public int getMaxScale(SqlTypeName name) {
      return name == SqlTypeName.DECIMAL ? 38 : super.getMaxScale(name);
    }

    @Override
    public int getMaxPrecision(SqlTypeName name) {
      return switch (name) {
        case DECIMAL -> 38;
        case TIMESTAMP, TIMESTAMP_WITH_LOCAL_TIME_ZONE -> 9;
        case TIME -> 6;
        default -> super.getMaxPrecision(name);
      };
    }

    @Override
    public int getDefaultPrecision(SqlTypeName name) {
      return name == SqlTypeName.TIMESTAMP
          ? 6
          : name == SqlTypeName.TIME ? 6 : super.getDefaultPrecision(name);
    }

    @Override
    public boolean shouldConvertRaggedUnionTypesToVarying() {
      return true;
    }
  }

  /** Rows whose expressions failed, with the message, of operators that skip them. */
  final List<String> failures = new ArrayList<>();

  boolean skip;
  int capacity = 64;

  private final Schema schema;
  private final BufferAllocator allocator = new RootAllocator();
  private final JavaTypeFactoryImpl types = new JavaTypeFactoryImpl(new Types());

  Evaluator(Schema schema) {
    this.schema = schema;
  }

  /** The first value of the only row. */
  static Object value(String expression) {
    try (Evaluator evaluator =
        new Evaluator(Schema.appendOnly(Field.notNull("x", DataType.BIGINT)))) {
      return evaluator
          .select("SELECT " + expression + " FROM t", List.of(List.of(1L)))
          .get(0)
          .get(0);
    }
  }

  PlanNode.Calc plan(String sql) {
    try {
      SqlNode query =
          SqlParser.create(
                  sql,
                  SqlParser.config().withLex(Lex.JAVA).withConformance(SqlConformanceEnum.BABEL))
              .parseQuery();
      CalciteSchema root = CalciteSchema.createRootSchema(false, false);
      root.add("t", new Rows());
      Properties properties = new Properties();
      properties.setProperty("caseSensitive", "false");
      CalciteCatalogReader catalog =
          new CalciteCatalogReader(
              root, List.of(), types, new CalciteConnectionConfigImpl(properties));
      SqlValidator validator =
          SqlValidatorUtil.newValidator(
              Functions.table(),
              catalog,
              types,
              SqlValidator.Config.DEFAULT.withConformance(SqlConformanceEnum.LENIENT));
      VolcanoPlanner planner = new VolcanoPlanner();
      planner.setExecutor((builder, constants, reduced) -> reduced.addAll(constants));
      RelOptCluster cluster = RelOptCluster.create(planner, new RexBuilder(types));
      SqlToRelConverter converter =
          new SqlToRelConverter(
              (type, text, path, view) -> null,
              validator,
              catalog,
              cluster,
              StandardConvertletTable.INSTANCE,
              SqlToRelConverter.config());
      RelNode rel = converter.convertQuery(validator.validate(query), false, true).rel;
      return calc(rel);
    } catch (SqlParseException e) {
      throw new IllegalArgumentException(sql, e);
    }
  }

  private PlanNode.Calc calc(RelNode rel) {
    Project project = (Project) rel;
    RexNode condition = project.getInput() instanceof Filter filter ? filter.getCondition() : null;
    List<Field> fields = new ArrayList<>();
    for (int i = 0; i < project.getProjects().size(); i++) {
      RexNode node = project.getProjects().get(i);
      fields.add(Field.of("c" + i, RexTypes.of(node.getType())));
    }
    return new PlanNode.Calc(
        new PlanNode.Scan("t", schema),
        condition,
        project.getProjects(),
        new Schema(fields, schema.isChangelog()));
  }

  /** Rows as lists of values; a weight is the last one of a changelog's. */
  List<List<Object>> select(String sql, List<List<Object>> rows) {
    OperatorFactory factory = CalcGenerator.generate(plan(sql), "t");
    List<List<Object>> results = new ArrayList<>();
    try (Operator operator = factory.create(this);
        Batch in = new Batch(schema, Math.max(1, rows.size()), allocator)) {
      for (List<Object> row : rows) {
        for (int i = 0; i < schema.size(); i++) {
          put(in.column(i), in.rowCount(), row.get(i));
        }
        if (schema.isChangelog()) {
          in.endRow(((Number) row.get(schema.size())).intValue());
        } else {
          in.endRow();
        }
      }
      Collector output = new Collector(results);
      while (operator.process(0, in, output) == Progress.BLOCKED) {
        continue;
      }
    }
    return results;
  }

  /** Refuses every other offer, then takes the rows. */
  private static final class Collector implements Output {
    private final List<List<Object>> rows;
    private boolean refused;

    Collector(List<List<Object>> rows) {
      this.rows = rows;
    }

    @Override
    public boolean offer(Batch batch) {
      refused = !refused;
      if (refused) {
        return false;
      }
      for (int row = batch.from(); row < batch.to(); row++) {
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < batch.schema().size(); i++) {
          values.add(get(batch.column(i), row));
        }
        if (batch.schema().isChangelog()) {
          values.add(batch.weight(row));
        }
        rows.add(values);
      }
      return true;
    }

    @Override
    public boolean watermark(long watermarkNs) {
      return true;
    }
  }

  static void put(Column column, int row, Object value) {
    if (value == null) {
      column.setNull(row);
      return;
    }
    switch (column.type().kind()) {
      case VARCHAR -> {
        byte[] bytes = ((String) value).getBytes(StandardCharsets.UTF_8);
        column.putBytes(row, bytes, 0, bytes.length);
      }
      case REAL, DOUBLE -> column.putDouble(row, ((Number) value).doubleValue());
      case BOOLEAN -> column.putBoolean(row, (Boolean) value);
      case DECIMAL ->
          Decimals.write(
              column.dataAddress() + ((long) row << 4), (BigDecimal) value, column.type().scale());
      default -> column.putLong(row, ((Number) value).longValue());
    }
  }

  static Object get(Column column, int row) {
    if (column.isNull(row)) {
      return null;
    }
    return switch (column.type().kind()) {
      case VARCHAR, VARBINARY -> {
        Utf8 view = new Utf8();
        column.getBytes(row, view);
        yield view.toString();
      }
      case REAL, DOUBLE -> column.getDouble(row);
      case BOOLEAN -> column.getBoolean(row);
      case DECIMAL ->
          Decimals.of(column.getDecimalLow(row), column.getDecimalHigh(row), column.type().scale());
      default -> column.getLong(row);
    };
  }

  private final class Rows extends AbstractTable {
    @Override
    public RelDataType getRowType(RelDataTypeFactory factory) {
      RelDataTypeFactory.Builder builder = factory.builder();
      for (Field field : schema.fields()) {
        builder.add(field.name(), type(field));
      }
      return builder.build();
    }
  }

  private RelDataType type(Field field) {
    DataType type = field.type();
    RelDataType plain =
        switch (type.kind()) {
          case DECIMAL -> types.createSqlType(SqlTypeName.DECIMAL, type.precision(), type.scale());
          case TIME -> types.createSqlType(SqlTypeName.TIME, type.precision());
          case TIMESTAMP -> types.createSqlType(SqlTypeName.TIMESTAMP, type.precision());
          case TIMESTAMP_LTZ ->
              types.createSqlType(SqlTypeName.TIMESTAMP_WITH_LOCAL_TIME_ZONE, type.precision());
          default -> types.createSqlType(SqlTypeName.valueOf(type.kind().name()));
        };
    return types.createTypeWithNullability(plain, field.nullable());
  }

  static List<Object> row(Object... values) {
    return Arrays.asList(values);
  }

  @Override
  public BufferAllocator allocator() {
    return allocator;
  }

  @Override
  public int batchCapacity() {
    return capacity;
  }

  @Override
  public long nowEpochNs() {
    return 0;
  }

  @Override
  public void timerAt(long epochNs) {}

  @Override
  public void lateRow(Batch batch, int row) {}

  @Override
  public void nullTimeRow() {}

  @Override
  public void rowFailed(Batch batch, int row, RuntimeException failure) {
    if (!skip) {
      throw failure;
    }
    failures.add(row + ": " + failure.getMessage());
  }

  /** Fails when an operator or a kernel has kept memory. */
  @Override
  public void close() {
    allocator.close();
  }
}
