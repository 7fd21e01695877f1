package io.laminardb.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.Source;
import io.laminardb.StatementResult;
import io.laminardb.TestAccess;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.runtime.Metrics;
import io.laminardb.core.time.VirtualClock;
import io.laminardb.script.Content.Weighted;
import io.laminardb.script.Script.Command;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/** One script in one mode, on a database of its own. */
final class ScriptRun {
  private static final Set<String> FOLLOWING = Set.of("expect", "changes", "net");

  private final Script script;
  private final Mode mode;
  private final long seed;
  private final VirtualClock clock = new VirtualClock();
  private final Map<String, Followed> followed = new HashMap<>();
  private final Set<String> wanted = new LinkedHashSet<>();
  private LaminarDB db;
  private Feeder feeder;
  private final Map<String, Source> partitions = new LinkedHashMap<>(); // beside the first ones
  private final Set<String> ended = new HashSet<>();
  private final List<String> settings = new ArrayList<>(); // statements that set something
  private int lastSubscriber;
  private Lives lives;
  private Source waitingSource; // rows of consecutive pushes, not fed yet
  private final List<Object[]> waitingRows = new ArrayList<>();
  private final List<Byte> waitingWeights = new ArrayList<>();

  ScriptRun(Script script, Mode mode, long seed) {
    this.script = script;
    this.mode =
        script.commands().stream().anyMatch(command -> command.verb().equals("memory"))
            ? mode.inMemory()
            : mode;
    this.seed = seed;
  }

  void run() {
    for (Command command : script.commands()) {
      if (FOLLOWING.contains(command.verb())) {
        wanted.add(command.subject());
      }
    }
    try (BufferAllocator allocator = new RootAllocator()) {
      try (Lives opened = new Lives(mode, seed, this::settings)) {
        lives = opened;
        db = opened.db();
        feeder = new Feeder(mode, new Random(seed), allocator, this::rebuild);
        Command command = null;
        try {
          for (Command next : script.commands()) {
            command = next;
            execute(next);
          }
          settle();
        } catch (RuntimeException | AssertionError e) {
          throw new AssertionError(
              script.name()
                  + ":"
                  + (command == null ? 0 : command.line())
                  + " ("
                  + mode
                  + ", seed "
                  + seed
                  + ")\n"
                  + (command == null ? "" : command.verb() + " " + command.text() + "\n")
                  + (e instanceof LaminarException || e instanceof AssertionError
                      ? e.getMessage()
                      : e.toString()),
              e);
        }
      }
    }
  }

  private void settings(LaminarDB.Builder builder) {
    builder.clock(clock);
    for (Command command : script.commands()) {
      if (command.verb().equals("variable")) {
        builder.variable(command.subject(), command.rest());
      } else if (command.verb().equals("functions")) {
        JavaFunctions.register(builder);
      }
    }
  }

  private void execute(Command command) {
    String verb = command.verb();
    if (verb.equals("push") || verb.equals("retract")) {
      collect(command, verb.equals("push") ? (byte) 1 : -1);
      return;
    }
    boolean sameSource =
        waitingSource != null
            && (verb.equals("mark") || verb.equals("end"))
            && waitingSource == source(command.subject());
    feedWaiting();
    if (!sameSource) {
      settle();
    }
    switch (verb) {
      case "run" -> runStatements(command.text());
      case "fail" -> fail(command);
      case "refuse" -> refuse(command, false);
      case "refuse_retract" -> refuse(command, true);
      case "mark" -> mark(command);
      case "end" -> {
        source(command.subject()).end();
        ended.add(command.subject().toLowerCase(Locale.ROOT));
      }
      case "live" -> live(command);
      case "follow" -> follow(command.subject());
      case "expect" -> expect(command);
      case "changes" -> changes(command);
      case "net" -> net(command);
      case "query" -> query(command.text());
      case "contains" -> contains(command.text());
      case "metric" -> metric(command);
      case "advance" -> advance(command.subject());
      case "variable", "functions", "memory" -> {}
      default -> throw new AssertionError("there is no command " + verb);
    }
    rebuild();
    if (lives.isDue() && !holdsRows() && followed.values().stream().noneMatch(Followed::isLive)) {
      crash();
    }
  }

  /** Whether rows that were pushed are not on disk. */
  private boolean holdsRows() {
    settle();
    return waitingRows() > 0;
  }

  /** What is open is opened again; what was set is set again. */
  private void crash() {
    settle();
    followed.values().forEach(stream -> stream.beforeCrash(lives.random()));
    lives.crash();
    db = lives.db();
    settings.forEach(db::execute);
    partitions.keySet().removeAll(ended);
    for (Map.Entry<String, Source> partition : partitions.entrySet()) {
      partition.setValue(partition(partition.getKey()));
    }
    followed.values().forEach(stream -> stream.afterCrash(db));
  }

  private void rebuild() {
    if (mode.rebuild()) {
      settle();
      List<String> before = stateRows();
      TestAccess.rebuildState(db);
      assertThat(stateRows()).as("rows of state, rebuilt").isEqualTo(before);
    }
  }

  private List<String> stateRows() {
    return db.metrics().queries().stream()
        .flatMap(query -> query.operators().stream())
        .map(operator -> operator.label() + " " + operator.stateRows())
        .toList();
  }

  private void settle() {
    feedWaiting();
    try {
      db.sync();
    } catch (LaminarException held) {
      if (!mode.crash() || waitingRows() == 0) {
        throw held;
      } // else it has done what can be done, and says that these rows are not on disk
    }
  }

  /** Rows that were pushed and wait for slower sources. */
  private long waitingRows() {
    return db.metrics().sources().stream().mapToLong(source -> source.waitingRows()).sum();
  }

  private void collect(Command command, byte weight) {
    if (waitingSource == null || waitingSource != source(command.subject())) {
      settle();
      waitingSource = source(command.subject());
    }
    for (List<String> tokens : Script.rows(command.rest())) {
      waitingRows.add(parseRow(tokens, waitingSource.schema()));
      waitingWeights.add(weight);
    }
  }

  private void feedWaiting() {
    if (waitingSource == null) {
      return;
    }
    byte[] weights = new byte[waitingRows.size()];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = waitingWeights.get(i);
    }
    Source source = waitingSource;
    List<Object[]> rows = List.copyOf(waitingRows);
    waitingSource = null;
    waitingRows.clear();
    waitingWeights.clear();
    feeder.feed(source, rows, weights);
  }

  /** {@code name}, or {@code name/partition} for another partition than the first. */
  private Source source(String subject) {
    int slash = subject.indexOf('/');
    return slash < 0
        ? db.source(subject)
        : partitions.computeIfAbsent(subject.toLowerCase(Locale.ROOT), this::partition);
  }

  private Source partition(String subject) {
    return db.source(subject.substring(0, subject.indexOf('/'))).partition();
  }

  private static Object[] parseRow(List<String> tokens, Schema schema) {
    if (tokens.size() != schema.size()) {
      throw new AssertionError(tokens + " does not fit " + schema);
    }
    Object[] row = new Object[tokens.size()];
    for (int c = 0; c < row.length; c++) {
      row[c] = Values.parse(tokens.get(c), schema.field(c).type());
    }
    return row;
  }

  private void runStatements(String sql) {
    String words = sql.strip().toUpperCase(Locale.ROOT);
    boolean drops = mode.crash() && (words.contains("DROP ") || words.contains("OR REPLACE"));
    if (drops) {
      letGo();
    }
    try {
      for (StatementResult result : db.execute(sql)) {
        if (result.hasRows()) {
          result.rows().close();
        }
      }
    } finally {
      if (drops) {
        settle();
        followed.values().removeIf(stream -> !stream.isLive() && !stream.holdAgain(db));
      }
    }
    for (String statement : sql.split(";")) {
      if (statement.strip().toUpperCase(Locale.ROOT).matches("(?s)(SET|RESET)\\s.*")) {
        settings.add(statement);
      }
    }
    followWanted();
  }

  /** A durable subscription keeps its stream from being dropped. */
  private void letGo() {
    settle();
    followed.values().stream().filter(s -> !s.isLive()).forEach(stream -> stream.letGo(db));
  }

  private void followWanted() {
    for (String name : wanted) {
      Followed known = followed.get(name);
      if (known == null || known.isEnded()) {
        try {
          follow(name);
        } catch (LaminarException e) {
          switch (e.code()) {
            case OBJECT_NOT_FOUND -> {} // a later statement makes it
            default -> throw e;
          }
        }
      }
    }
  }

  private void follow(String name) {
    Followed before =
        followed.put(
            name,
            mode.crash()
                ? Followed.durable(db, name, "reader " + ++lastSubscriber)
                : Followed.plain(db, name));
    if (before != null) {
      before.close();
    }
  }

  private void live(Command command) {
    Rows rows = db.execute(command.rest()).get(0).rows();
    if (rows == null || !rows.isLive()) {
      throw new AssertionError("not a live query");
    }
    followed.put(command.subject(), Followed.live(rows));
  }

  private void fail(Command command) {
    String code = command.subject();
    String place = null;
    int at = code.indexOf('@');
    if (at >= 0) {
      place = code.substring(at + 1);
      code = code.substring(0, at);
    }
    String sql = command.rest();
    String fragment = null;
    int arrow = sql.lastIndexOf("=>");
    if (arrow >= 0) {
      fragment = sql.substring(arrow + 2).strip();
      sql = sql.substring(0, arrow);
    }
    String before = catalog();
    if (mode.crash()) {
      letGo();
    }
    try {
      db.execute(sql);
    } catch (LaminarException e) {
      String where = e.position() == null ? "" : e.position().line() + ":" + e.position().column();
      if (!e.code().name().equals(code)
          || place != null && !place.equals(where)
          || fragment != null && !squeeze(e.getMessage()).contains(squeeze(fragment))) {
        throw new AssertionError("another error: " + e.getMessage() + " (" + where + ")", e);
      }
      String after = catalog();
      if (!after.equals(before)) {
        throw new AssertionError("a bad statement changed\n" + before + "\nto\n" + after, e);
      }
      return;
    } finally {
      if (mode.crash()) {
        followed.values().removeIf(stream -> !stream.isLive() && !stream.holdAgain(db));
      }
    }
    throw new AssertionError("it did not fail");
  }

  private String catalog() {
    StringBuilder text = new StringBuilder();
    for (String what : List.of("SOURCES", "STREAMS", "MATERIALIZED VIEWS", "SINKS", "QUERIES")) {
      text.append(what).append(": ").append(rowsText("SHOW " + what)).append('\n');
    }
    return text.toString();
  }

  private void refuse(Command command, boolean retract) {
    String code = command.subject();
    Command push = new Command(command.line(), "push", command.rest());
    for (List<String> tokens : Script.rows(push.rest())) {
      try {
        Source source = db.source(push.subject());
        Object[] row = parseRow(tokens, source.schema());
        if (retract) {
          source.retract(row);
        } else {
          source.push(row);
        }
      } catch (LaminarException e) {
        if (e.code().name().equals(code)) {
          continue;
        }
        throw e;
      }
      throw new AssertionError("it was not refused");
    }
  }

  private void mark(Command command) {
    String time = command.rest();
    source(command.subject())
        .watermark(
            time.matches("-?\\d+")
                ? Long.parseLong(time)
                : Values.parseTimestamp(time).toInstant(ZoneOffset.UTC).toEpochMilli());
  }

  private Followed of(Command command) {
    Followed stream = followed.get(command.subject());
    if (stream == null) {
      throw new AssertionError("there is no stream " + command.subject());
    }
    stream.take();
    return stream;
  }

  private void expect(Command command) {
    Followed stream = of(command);
    List<Weighted> expected = expected(command.rest(), stream.schema());
    List<Weighted> actual = new ArrayList<>(stream.fresh);
    stream.fresh.clear();
    if (stream.schema().isChangelog()) {
      expected = Content.net(expected);
      actual = Content.net(actual);
    }
    check(Content.difference(expected, actual));
  }

  private void changes(Command command) {
    Followed stream = of(command);
    List<Weighted> expected = expected(command.rest(), stream.schema());
    List<Weighted> actual = new ArrayList<>(stream.fresh);
    stream.fresh.clear();
    check(
        mode.oneRowAtATime()
            ? Content.differenceInOrder(expected, actual)
            : Content.difference(Content.net(expected), Content.net(actual)));
  }

  private void net(Command command) {
    Followed stream = of(command);
    stream.fresh.clear();
    List<Weighted> expected = expected(command.rest(), stream.schema());
    check(Content.difference(expected, Content.net(stream.all)));
  }

  private static void check(String difference) {
    if (difference != null) {
      throw new AssertionError(difference);
    }
  }

  /** Rows as written, over the visible columns, or over all when that is how many there are. */
  private static List<Weighted> expected(String text, Schema schema) {
    List<Integer> columns = Content.visible(schema);
    List<Weighted> rows = new ArrayList<>();
    for (List<String> tokens : Script.rows(text)) {
      int weight = 1;
      List<String> values = tokens;
      if (tokens.size() == columns.size() + 1 && tokens.get(0).matches("[+-]")) {
        weight = tokens.get(0).equals("+") ? 1 : -1;
        values = tokens.subList(1, tokens.size());
      }
      if (values.size() != columns.size()) {
        throw new AssertionError(tokens + " does not fit " + schema);
      }
      Object[] row = new Object[values.size()];
      for (int c = 0; c < row.length; c++) {
        row[c] = Values.parse(values.get(c), schema.field(columns.get(c)).type());
      }
      rows.add(new Weighted(row, weight));
    }
    return rows;
  }

  private void query(String text) {
    int arrow = text.lastIndexOf("=>");
    boolean inOrder = text.startsWith("=>>", arrow);
    String sql = text.substring(0, arrow);
    String rows = text.substring(arrow + (inOrder ? 3 : 2));
    try (Rows result = open(sql)) {
      List<Weighted> expected = expected(rows, result.schema());
      List<Weighted> actual = Content.of(result.drain());
      check(
          inOrder
              ? Content.differenceInOrder(expected, actual)
              : Content.difference(expected, actual));
    }
  }

  private Rows open(String sql) {
    boolean select = sql.strip().toUpperCase(Locale.ROOT).startsWith("SELECT");
    if (select && mode.feed() == Mode.Feed.ROWS) {
      return db.query(sql);
    }
    List<StatementResult> results = db.execute(sql);
    Rows rows = results.get(results.size() - 1).rows();
    if (rows == null) {
      throw new AssertionError("it has no rows");
    }
    return rows;
  }

  private String rowsText(String sql) {
    StringBuilder text = new StringBuilder();
    try (Rows rows = open(sql)) {
      for (Row row : rows.drain()) {
        for (Object value : Content.values(row)) {
          text.append(value).append(' ');
        }
        text.append('\n');
      }
    }
    return text.toString();
  }

  private void contains(String text) {
    int arrow = text.lastIndexOf("=>");
    String actual = rowsText(text.substring(0, arrow));
    for (String part : text.substring(arrow + 2).split("\\|")) {
      if (!squeeze(actual).contains(squeeze(part))) {
        throw new AssertionError("it answers\n" + actual + "\nwithout \"" + part.strip() + "\"");
      }
    }
  }

  private static String squeeze(String text) {
    return text.strip().replaceAll("\\s+", " ").toLowerCase(Locale.ROOT);
  }

  private void metric(Command command) {
    Metrics metrics = db.metrics();
    String[] words = command.rest().split("\\s+", 2);
    Record record = metrics.query(command.subject());
    if (record == null) {
      record = metrics.source(command.subject());
    }
    if (record == null) {
      throw new AssertionError("there is no metric of " + command.subject() + ": " + metrics);
    }
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      if (component.getName().equalsIgnoreCase(words[0].replace("_", ""))) {
        try {
          component.getAccessor().setAccessible(true);
          String value = String.valueOf(component.getAccessor().invoke(record));
          if (!value.equals(words[1].strip())) {
            throw new AssertionError(words[0] + " is " + value + " in " + record);
          }
          return;
        } catch (ReflectiveOperationException e) {
          throw new AssertionError(e);
        }
      }
    }
    throw new AssertionError("there is no metric " + words[0] + " in " + record);
  }

  private void advance(String seconds) {
    clock.advance(Duration.ofNanos(new BigDecimal(seconds).movePointRight(9).longValueExact()));
    db.sync();
  }
}
