package io.laminardb.sql.validate;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.calcite.sql.SqlIdentifier;

/** WITH names in scope, and the hidden columns each offers. */
record Names(Map<String, HiddenColumns> hidden) {
  Names with(String name, HiddenColumns offered) {
    Map<String, HiddenColumns> more = new HashMap<>(hidden);
    more.put(name.toLowerCase(Locale.ROOT), offered);
    return new Names(more);
  }

  HiddenColumns find(SqlIdentifier name) {
    return name.isSimple() ? hidden.get(name.getSimple().toLowerCase(Locale.ROOT)) : null;
  }
}
