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
import org.apache.calcite.schema.impl.AbstractTable;

/** The catalog as Calcite reads it. */
final class CatalogTables extends CalciteCatalogReader {
  private CatalogTables(CalciteSchema schema, RelDataTypeFactory factory, Properties properties) {
    super(
        schema,
        new HiddenNameMatcher(),
        List.of(List.of()),
        factory,
        new CalciteConnectionConfigImpl(properties));
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

  private static final class ObjectTable extends AbstractTable {
    private final CatalogObject object;

    ObjectTable(CatalogObject object) {
      this.object = object;
    }

    @Override
    public <C> C unwrap(Class<C> type) {
      return type.isInstance(object) ? type.cast(object) : super.unwrap(type);
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
