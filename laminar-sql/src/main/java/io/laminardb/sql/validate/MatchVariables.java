package io.laminardb.sql.validate;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.operator.match.MatchSpec;
import io.laminardb.core.operator.match.PathValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;

/** The variables of a pattern, and the names of SUBSET that stand for several of them. */
final class MatchVariables {
  private final List<String> names = new ArrayList<>();
  private final Map<String, Long> bits = new LinkedHashMap<>();

  /** Their names, as first written. */
  List<String> names() {
    return names;
  }

  /** The number of the variable of a pattern, which is known from now on. */
  int number(SqlIdentifier name) {
    String key = key(name.getSimple());
    if (!bits.containsKey(key)) {
      if (names.size() == MatchSpec.MAX_VARIABLES) {
        throw Positions.error(
                ErrorCode.QUERY_TOO_COMPLEX,
                name,
                "the pattern has more than " + MatchSpec.MAX_VARIABLES + " variables.")
            .mend("Use a variable several times, or match in two steps.");
      }
      bits.put(key, 1L << names.size());
      names.add(name.getSimple());
    }
    return Long.numberOfTrailingZeros(bits.get(key));
  }

  /** Adds {@code name = (variable, ..)} for each. */
  void addSubsets(SqlNodeList subsets) {
    for (SqlNode subset : subsets) {
      SqlIdentifier name = ((SqlCall) subset).operand(0);
      if (bits.containsKey(key(name.getSimple()))) {
        throw Positions.error(
                ErrorCode.VALIDATION_FAILED, name, "there are two variables " + name + ".")
            .mend("Give the subset a name of its own.");
      }
      long all = 0;
      for (SqlNode member : (SqlNodeList) ((SqlCall) subset).operand(1)) {
        all |= variable(member);
      }
      bits.put(key(name.getSimple()), all);
    }
  }

  private long variable(SqlNode member) {
    long bit = member instanceof SqlIdentifier name && name.isSimple() ? bits(name) : 0;
    if (Long.bitCount(bit) != 1) {
      throw Positions.error(
              ErrorCode.VALIDATION_FAILED, member, member + " is no variable of the pattern.")
          .mend("List variables that stand in PATTERN: " + String.join(", ", names) + ".");
    }
    return bit;
  }

  /** The bits of a variable or subset, alone or in front of a column. */
  long bits(SqlIdentifier name) {
    Long found = bits.get(key(name.names.get(0)));
    if (found == null) {
      throw Positions.error(
              ErrorCode.VALIDATION_FAILED,
              name,
              name.names.get(0) + " is no variable of the pattern.")
          .mend("Write a column alone, or behind one of " + String.join(", ", bits.keySet()) + ".");
    }
    return found;
  }

  /** The number of a variable that stands in the pattern. */
  int defined(SqlIdentifier name) {
    int number = names.stream().map(MatchVariables::key).toList().indexOf(key(name.getSimple()));
    if (number < 0) {
      throw Positions.error(
              ErrorCode.VALIDATION_FAILED,
              name,
              "DEFINE has " + name + ", which does not stand in PATTERN.")
          .mend("The pattern's variables are " + String.join(", ", names) + ".");
    }
    return number;
  }

  /** Names for messages. */
  String text(long variables) {
    if (variables == PathValue.ALL) {
      return "all rows";
    }
    List<String> found = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      if ((variables >>> i & 1) != 0) {
        found.add(names.get(i));
      }
    }
    return String.join(", ", found);
  }

  private static String key(String name) {
    return name.toUpperCase(Locale.ROOT);
  }
}
