package io.laminardb.sql.validate;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeField;
import org.apache.calcite.sql.validate.SqlNameMatcher;
import org.apache.calcite.sql.validate.SqlNameMatchers;

/** Ignores case, and finds hidden columns where no visible one has the name. */
final class HiddenNameMatcher implements SqlNameMatcher {
  private final SqlNameMatcher delegate = SqlNameMatchers.withCaseSensitive(false);

  @Override
  public boolean isCaseSensitive() {
    return false;
  }

  @Override
  public boolean matches(String string, String name) {
    return delegate.matches(string, name);
  }

  @Override
  public <K extends List<String>, V> V get(
      Map<K, V> map, List<String> prefixNames, List<String> names) {
    return delegate.get(map, prefixNames, names);
  }

  @Override
  public String bestString() {
    return delegate.bestString();
  }

  @Override
  public RelDataTypeField field(RelDataType rowType, String fieldName) {
    RelDataTypeField visible = delegate.field(rowType, fieldName);
    if (visible != null) {
      return visible;
    }
    String bound = HiddenColumns.boundOf(fieldName);
    if (bound == null) {
      return null;
    }
    RelDataTypeField named = delegate.field(rowType, bound);
    if (named != null) {
      return named;
    }
    return delegate.field(rowType, HiddenColumns.physicalName(bound));
  }

  @Override
  public int frequency(Iterable<String> names, String name) {
    return delegate.frequency(names, name);
  }

  @Override
  public Set<String> createSet() {
    return delegate.createSet();
  }
}
