package io.laminardb.sql.validate;

import io.laminardb.core.batch.Field;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.CatalogSnapshot;
import java.util.List;
import java.util.Properties;
import org.apache.calcite.config.CalciteConnectionConfigImpl;
import org.apache.calcite.config.CalciteConnectionProperty;
import org.apache.calcite.jdbc.CalciteSchema;
import org.apache.calcite.prepare.CalciteCatalogReader;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.rel.type.RelDataTypeField;
import org.apache.calcite.schema.CustomColumnResolvingTable;
import org.apache.calcite.schema.impl.AbstractTable;
import org.apache.calcite.sql.validate.SqlNameMatcher;
import org.apache.calcite.util.Pair;

/** The catalog as Calcite reads it. */
final class CatalogTables extends CalciteCatalogReader {
  private static final SqlNameMatcher NAMES = new HiddenNameMatcher();

  private CatalogTables(CalciteSchema schema, RelDataTypeFactory factory, Properties properties) {
    super(schema, NAMES, List.of(List.of()), factory, new CalciteConnectionConfigImpl(properties));
  }

  static CatalogTables of(CatalogSnapshot catalog, RelDataTypeFactory factory) {
    CalciteSchema root = CalciteSchema.createRootSchema(false, false);
    for (CatalogObject object : catalog.all()) {
      root.add(object.name(), new ObjectTable(object));
    }
    Properties properties = new Properties();
    properties.setProperty(CalciteConnectionProperty.CASE_SENSITIVE.camelName(), "false");
    return new CatalogTables(root, factory, properties);
  }

  /** A relation, whose columns' names are what its rows are read by. */
  private static final class ObjectTable extends AbstractTable
      implements CustomColumnResolvingTable {
    private final CatalogObject object;

    ObjectTable(CatalogObject object) {
      this.object = object;
    }

    @Override
    public <C> C unwrap(Class<C> type) {
      return type.isInstance(object) ? type.cast(object) : super.unwrap(type);
    }

    /** The fields of a ROW are found behind its name only, where Calcite would find them alone too. */
    @Override
    public List<Pair<RelDataTypeField, List<String>>> resolveColumn(
        RelDataType rowType, RelDataTypeFactory factory, List<String> names) {
      RelDataTypeField column = NAMES.field(rowType, names.get(0));
      return column == null ? List.of() : List.of(Pair.of(column, names.subList(1, names.size())));
    }

    @Override
    public RelDataType getRowType(RelDataTypeFactory factory) {
      RelDataTypeFactory.Builder row = factory.builder();
      for (Field field : object.schema().fields()) {
        row.add(
            HiddenColumns.physicalName(field),
            Types.toRel(factory, field.type(), field.nullable()));
      }
      return row.build();
    }
  }
}
