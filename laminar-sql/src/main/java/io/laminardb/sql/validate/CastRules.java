package io.laminardb.sql.validate;

import com.google.common.collect.ImmutableSet;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.calcite.sql.type.SqlTypeCoercionRule;
import org.apache.calcite.sql.type.SqlTypeMappingRule;
import org.apache.calcite.sql.type.SqlTypeName;

/** Which types CAST takes to which: exactly those that can be executed. */
final class CastRules {
  static final SqlTypeMappingRule INSTANCE = SqlTypeCoercionRule.instance(rules());

  private CastRules() {}

  private static Map<SqlTypeName, ImmutableSet<SqlTypeName>> rules() {
    Map<SqlTypeName, ImmutableSet<SqlTypeName>> rules =
        new HashMap<>(SqlTypeCoercionRule.lenientInstance().getTypeMapping());
    Set<SqlTypeName> texts = EnumSet.of(SqlTypeName.CHAR, SqlTypeName.VARCHAR);
    Set<SqlTypeName> binaries = EnumSet.of(SqlTypeName.BINARY, SqlTypeName.VARBINARY);
    Set<SqlTypeName> timestamps =
        EnumSet.of(SqlTypeName.TIMESTAMP, SqlTypeName.TIMESTAMP_WITH_LOCAL_TIME_ZONE);
    Set<SqlTypeName> integers = EnumSet.copyOf(SqlTypeName.INT_TYPES);
    Set<SqlTypeName> numbers = EnumSet.copyOf(SqlTypeName.NUMERIC_TYPES);
    Set<SqlTypeName> intervals = EnumSet.copyOf(SqlTypeName.INTERVAL_TYPES);
    Set<SqlTypeName> numeric = union(numbers, texts, Set.of(SqlTypeName.BOOLEAN));
    put(rules, Set.of(SqlTypeName.BOOLEAN), numeric);
    put(rules, numbers, numeric);
    put(rules, integers, union(numeric, intervals));
    put(rules, Set.of(SqlTypeName.BIGINT), union(numeric, intervals, timestamps));
    Set<SqlTypeName> days = union(timestamps, texts, Set.of(SqlTypeName.DATE));
    put(rules, Set.of(SqlTypeName.DATE), days);
    put(rules, Set.of(SqlTypeName.TIME), union(timestamps, texts, Set.of(SqlTypeName.TIME)));
    put(rules, timestamps, union(days, integers));
    put(
        rules,
        texts,
        union(numeric, days, binaries, Set.of(SqlTypeName.TIME), Set.of(SqlTypeName.SYMBOL)));
    put(rules, binaries, union(binaries, texts));
    return rules;
  }

  private static void put(
      Map<SqlTypeName, ImmutableSet<SqlTypeName>> rules,
      Set<SqlTypeName> targets,
      Set<SqlTypeName> sources) {
    targets.forEach(target -> rules.put(target, ImmutableSet.copyOf(sources)));
  }

  @SafeVarargs
  private static Set<SqlTypeName> union(Set<SqlTypeName>... sets) {
    Set<SqlTypeName> all = EnumSet.noneOf(SqlTypeName.class);
    for (Set<SqlTypeName> set : sets) {
      all.addAll(set);
    }
    return all;
  }
}
