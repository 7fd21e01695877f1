package io.laminardb.oracle;

import io.laminardb.script.Content.Weighted;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random MATCH_RECOGNIZE over few rows, against {@link PatternReference}. No row is late. */
final class MatchCases {
  private static final String[] VARIABLES = {"A", "B", "C"};

  private final Random random;

  private MatchCases(Random random) {
    this.random = random;
  }

  static StreamCase generate(long seed) {
    return new MatchCases(StreamCase.random(seed)).draw(seed);
  }

  private StreamCase draw(long seed) {
    PatternReference.Pattern pattern = withAllVariables(pattern(2));
    PatternReference.Condition[] conditions = new PatternReference.Condition[VARIABLES.length];
    List<String> defines = new ArrayList<>();
    for (int v = 0; v < VARIABLES.length; v++) {
      conditions[v] = condition(v);
      if (!conditions[v].sql().isEmpty()) {
        defines.add(VARIABLES[v] + " AS " + conditions[v].sql());
      }
    }
    if (defines.isEmpty()) {
      conditions[0] = new PatternReference.Condition(PatternReference.Test.ABOVE, 0, 2);
      defines.add("A AS " + conditions[0].sql());
    }
    long within = random.nextInt(3) == 0 ? 1 + random.nextInt(3000) : Long.MAX_VALUE;
    boolean toNext = random.nextBoolean();
    boolean partitioned = random.nextInt(4) > 0;
    PatternReference reference =
        new PatternReference(pattern, conditions, within, toNext, partitioned);
    String query =
        "SELECT * FROM t MATCH_RECOGNIZE ("
            + (partitioned ? "PARTITION BY k " : "")
            + "ORDER BY ts, id MEASURES FIRST(id) AS f, LAST(id) AS l, COUNT(*) AS n,"
            + " COUNT(A.v) AS ca, SUM(B.v) AS sb, FIRST(B.id) AS fb, LAST(A.id, 1) AS la,"
            + " CLASSIFIER() AS cl, MATCH_NUMBER() AS mn AFTER MATCH SKIP "
            + (toNext ? "TO NEXT ROW" : "PAST LAST ROW")
            + " PATTERN ("
            + pattern.sql()
            + ")"
            + (within == Long.MAX_VALUE
                ? ""
                : " WITHIN INTERVAL '%d.%03d' SECOND".formatted(within / 1000, within % 1000))
            + " DEFINE "
            + String.join(", ", defines)
            + ")";
    List<Object[]> rows = new ArrayList<>();
    for (int id = 0, count = random.nextInt(24); id < count; id++) {
      rows.add(
          new Object[] {
            id,
            random.nextInt(8) == 0 ? null : "key " + random.nextInt(2),
            random.nextInt(10) == 0 ? null : (Object) random.nextInt(6),
            10_000L + 250L * id - 250L * random.nextInt(4)
          });
    }
    return new StreamCase(
        seed,
        List.of(
            "CREATE SOURCE t (id INT, k VARCHAR, v INT, ts BIGINT,"
                + " WATERMARK FOR ts AS ts - INTERVAL '"
                + (random.nextInt(4) == 0 ? "1000" : "1")
                + "' SECOND)",
            "CREATE STREAM q AS " + query),
        StreamCase.added("t", rows),
        (duckDb, changes) -> {
          List<Weighted> answer = new ArrayList<>();
          reference.matches(StreamCase.content("t", changes), answer);
          return answer;
        });
  }

  /** Conditions and measures may speak of any variable. */
  private PatternReference.Pattern withAllVariables(PatternReference.Pattern drawn) {
    List<PatternReference.Pattern> parts = new ArrayList<>(List.of(drawn));
    for (int v = 0; v < VARIABLES.length; v++) {
      if (!drawn.sql().contains(VARIABLES[v])) {
        PatternReference.Pattern missing = new PatternReference.Pattern.One(v);
        parts.add(new PatternReference.Pattern.Times(missing, 0, 1, random.nextBoolean()));
      }
    }
    return parts.size() == 1 ? drawn : new PatternReference.Pattern.InTurn(parts);
  }

  private PatternReference.Pattern pattern(int depth) {
    if (depth == 0 || random.nextInt(5) == 0) {
      return quantified(new PatternReference.Pattern.One(random.nextInt(VARIABLES.length)));
    }
    List<PatternReference.Pattern> parts = new ArrayList<>();
    for (int n = 2 + random.nextInt(2); n > 0; n--) {
      parts.add(pattern(depth - 1));
    }
    PatternReference.Pattern all =
        random.nextInt(4) == 0
            ? new PatternReference.Pattern.Either(parts)
            : new PatternReference.Pattern.InTurn(parts);
    return random.nextInt(3) == 0 ? quantified(all) : all;
  }

  private PatternReference.Pattern quantified(PatternReference.Pattern one) {
    int[] bounds =
        switch (random.nextInt(9)) {
          case 0 -> new int[] {0, 1};
          case 1 -> new int[] {0, PatternReference.MANY};
          case 2, 3 -> new int[] {1, PatternReference.MANY};
          case 4 -> new int[] {2, 2};
          case 5 -> new int[] {1, 3};
          case 6 -> new int[] {2, PatternReference.MANY};
          default -> null;
        };
    return bounds == null
        ? one
        : new PatternReference.Pattern.Times(
            one, bounds[0], bounds[1], bounds[0] == bounds[1] || random.nextInt(3) > 0);
  }

  private PatternReference.Condition condition(int variable) {
    PatternReference.Test[] tests = PatternReference.Test.values();
    return new PatternReference.Condition(
        tests[random.nextInt(tests.length)],
        (variable + random.nextInt(VARIABLES.length)) % VARIABLES.length,
        random.nextInt(6));
  }
}
