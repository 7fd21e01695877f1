package io.laminardb.sql.plan;

import io.laminardb.core.batch.Field;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.ChangelogMode;
import io.laminardb.sql.validate.Intervals;

/** What DESCRIBE prints. */
final class Descriptions {
  private Descriptions() {}

  static String describe(CatalogObject object) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < object.schema().size(); i++) {
      Field field = object.schema().field(i);
      text.append(field);
      if (field.hidden()) {
        text.append(" HIDDEN");
      }
      if (object.primaryKey().contains(i)) {
        text.append(" PRIMARY KEY");
      }
      if (object.eventTime() != null && object.eventTime().column() == i) {
        text.append(" EVENT TIME");
        if (object.eventTime().delayNs() > 0) {
          text.append(" DELAYED BY ").append(Intervals.text(object.eventTime().delayNs()));
        }
      }
      text.append('\n');
    }
    if (object.changelogMode() != ChangelogMode.APPEND_ONLY || object.schema().isChangelog()) {
      text.append("-- rows carry weights: +1, or -1 for a retraction\n");
    }
    return text.toString();
  }
}
