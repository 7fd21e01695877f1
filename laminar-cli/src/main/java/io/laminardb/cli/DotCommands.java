package io.laminardb.cli;

import io.laminardb.LaminarDB;
import io.laminardb.ReplayStep;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.core.batch.Field;
import io.laminardb.core.error.LaminarException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;

/** The commands of the shell that start with a dot and end with their line. */
final class DotCommands {
  /** Every command with its arguments and what it does, in the order of the help. */
  enum Dot {
    HELP("", "this list"),
    TABLES("", "sources, streams, materialized views and sinks"),
    SCHEMA("[name]", "the statement that made an object, or all of them"),
    COLUMNS("name", "the columns of an object, hidden ones too"),
    MODE("table|csv|json", "how results are written"),
    TIMER("on|off", "whether to show how long a statement took"),
    READ("file", "execute the statements of a file"),
    STEP("[count]", "in a replay, take in the next records"),
    QUIT("", "leave; so does Ctrl-D");

    private final String arguments;
    private final String purpose;

    Dot(String arguments, String purpose) {
      this.arguments = arguments;
      this.purpose = purpose;
    }

    String word() {
      return "." + name().toLowerCase(Locale.ROOT);
    }
  }

  private final LaminarDB db;
  private final Catalog catalog;
  private final Statements statements;
  private final PrintWriter out;
  private final Look look;
  private final BiConsumer<String, String> script;
  private boolean timer;
  private boolean quit;

  /**
   * @param script executes statements: what they are called, and their text
   */
  DotCommands(
      LaminarDB db,
      Statements statements,
      PrintWriter out,
      Look look,
      BiConsumer<String, String> script) {
    this.db = db;
    this.catalog = new Catalog(db);
    this.statements = statements;
    this.out = out;
    this.look = look;
    this.script = script;
  }

  boolean timer() {
    return timer;
  }

  boolean quit() {
    return quit;
  }

  /** Executes one line that starts with a dot. False when it was refused or failed. */
  boolean execute(String line) {
    String[] words = line.strip().split("\\s+", 2);
    String argument = words.length < 2 ? "" : words[1].strip().replaceFirst(";$", "").strip();
    String word = words[0].replaceFirst(";$", "").toLowerCase(Locale.ROOT);
    for (Dot dot : Dot.values()) {
      if (dot.word().equals(word) || (dot == Dot.QUIT && word.equals(".exit"))) {
        return execute(dot, argument);
      }
    }
    return refuse("There is no command " + words[0] + ". .help lists them.");
  }

  private boolean execute(Dot dot, String argument) {
    try {
      return switch (dot) {
        case HELP -> help();
        case TABLES -> tables();
        case SCHEMA -> schema(argument);
        case COLUMNS -> columns(argument);
        case MODE -> mode(argument);
        case TIMER -> timer(argument);
        case READ -> read(argument);
        case STEP -> step(argument);
        case QUIT -> quit = true;
      };
    } catch (LaminarException e) {
      Errors.print(out, look, null, "", e);
      return false;
    } finally {
      out.flush();
    }
  }

  private boolean step(String argument) {
    if (!argument.matches("[0-9]{0,9}")) {
      return refuse("Write .step, or .step 100.");
    }
    for (int left = argument.isEmpty() ? 1 : Integer.parseInt(argument); left > 0; left--) {
      ReplayStep step = db.step();
      if (step == null) {
        out.println(look.dim("the journal ends here"));
        return true;
      }
      out.println(step);
    }
    return true;
  }

  private boolean help() {
    for (Dot dot : Dot.values()) {
      String call = (dot.word() + " " + dot.arguments).strip();
      out.println("  " + look.bold(TextWidth.padRight(call, 24)) + dot.purpose);
    }
    out.println("Anything else is SQL and ends with a semicolon. Ctrl-C ends a live query.");
    return true;
  }

  private boolean tables() {
    List<Catalog.Entry> entries = catalog.entries();
    int width = entries.stream().mapToInt(e -> TextWidth.of(e.name())).max().orElse(0);
    for (Catalog.Entry entry : entries) {
      out.println(
          "  " + TextWidth.padRight(entry.name(), width) + "  " + look.dim(entry.kind().title()));
    }
    if (entries.isEmpty()) {
      out.println(look.dim("Nothing yet. Begin with CREATE SOURCE name (column type, ..);"));
    }
    return true;
  }

  private boolean schema(String name) {
    List<String> names =
        name.isEmpty()
            ? catalog.entries().stream().map(Catalog.Entry::quoted).toList()
            : List.of(name);
    for (String object : names) {
      try (Rows rows = db.query("SHOW CREATE " + object)) {
        for (Row row : rows.drain()) {
          String text = row.getString(row.columns().size() - 1).strip();
          out.println(text.endsWith(";") ? text : text + ";");
        }
      }
    }
    return true;
  }

  private boolean columns(String name) {
    if (name.isEmpty()) {
      return refuse("Which object? Write .columns name.");
    }
    for (Field field : db.schema(name).fields()) {
      out.println("  " + field + (field.hidden() ? look.dim("  hidden") : ""));
    }
    return true;
  }

  private boolean mode(String argument) {
    for (ResultMode mode : ResultMode.values()) {
      if (mode.name().equalsIgnoreCase(argument)) {
        statements.mode(mode);
        return true;
      }
    }
    return argument.isEmpty()
        ? say("The mode is " + statements.mode().name().toLowerCase(Locale.ROOT) + ".")
        : refuse("There is no mode \"" + argument + "\". Use table, csv or json.");
  }

  private boolean timer(String argument) {
    switch (argument.toLowerCase(Locale.ROOT)) {
      case "on" -> timer = true;
      case "off" -> timer = false;
      case "" -> say("The timer is " + (timer ? "on." : "off."));
      default -> {
        return refuse("The timer is on or off, not \"" + argument + "\".");
      }
    }
    return true;
  }

  private boolean read(String argument) {
    String file = argument.replaceAll("^['\"]|['\"]$", "");
    if (file.isEmpty()) {
      return refuse("Which file? Write .read file.");
    }
    try {
      script.accept(file, Files.readString(Path.of(file), StandardCharsets.UTF_8));
      return true;
    } catch (NoSuchFileException e) {
      return refuse("There is no file " + file + ".");
    } catch (IOException | InvalidPathException e) {
      return refuse("Cannot read " + file + ": " + e.getMessage() + ".");
    }
  }

  private boolean say(String text) {
    out.println(text);
    return true;
  }

  private boolean refuse(String text) {
    out.println(look.red(text));
    return false;
  }
}
