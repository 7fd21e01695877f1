package io.laminardb.sql.parser;

import io.laminardb.core.error.SourcePosition;
import java.util.List;
import java.util.Locale;
import org.apache.calcite.sql.SqlDelete;
import org.apache.calcite.sql.SqlInsert;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlUpdate;

/** Everything that can be executed. Lists are unmodifiable; components are null where it says. */
public sealed interface Statement {
  /**
   * {@code CREATE SOURCE name (columns) FROM connector (..) WITH (..)}.
   *
   * @param columns empty when the connector is to infer them
   * @param primaryKey empty when there is none
   * @param watermark null when not declared here
   * @param connector null for a source that is pushed to
   */
  record CreateSource(
      Identifier name,
      boolean orReplace,
      boolean ifNotExists,
      List<Column> columns,
      List<Identifier> primaryKey,
      Watermark watermark,
      Connector connector,
      Options with)
      implements Statement {
    public CreateSource {
      columns = List.copyOf(columns);
      primaryKey = List.copyOf(primaryKey);
    }
  }

  /**
   * {@code CREATE STREAM | [MATERIALIZED] VIEW name [(columns)] AS query}; {@code kind} is one of these.
   */
  record CreateQuery(
      ObjectKind kind, Identifier name, boolean orReplace, boolean ifNotExists, QuerySpec query)
      implements Statement {}

  /**
   * {@code CREATE SINK name INTO connector (..) AS query}, or {@code FROM stream}.
   *
   * @param from the stream to read, or null when there is a query
   * @param query the query to run, or null when there is a stream
   */
  record CreateSink(
      Identifier name,
      boolean orReplace,
      boolean ifNotExists,
      Connector connector,
      Options with,
      Identifier from,
      QuerySpec query)
      implements Statement {}

  /**
   * {@code CREATE [LOOKUP] TABLE name (columns) FROM connector (..) WITH (..)}.
   *
   * @param kind TABLE or LOOKUP_TABLE
   * @param connector null for a table that is written by INSERT
   */
  record CreateTable(
      ObjectKind kind,
      Identifier name,
      boolean orReplace,
      boolean ifNotExists,
      List<Column> columns,
      List<Identifier> primaryKey,
      Connector connector,
      Options with)
      implements Statement {
    public CreateTable {
      columns = List.copyOf(columns);
      primaryKey = List.copyOf(primaryKey);
    }

    /** The same with other columns. */
    public CreateTable withColumns(List<Column> newColumns) {
      return new CreateTable(
          kind, name, orReplace, ifNotExists, newColumns, primaryKey, connector, with);
    }
  }

  /**
   * {@code ALTER SOURCE name ADD COLUMN .. | SET (..)}; exactly one of the two is not empty.
   *
   * @param addedColumns columns to add
   * @param options options to change
   */
  record AlterSource(Identifier name, boolean ifExists, List<Column> addedColumns, Options options)
      implements Statement {
    public AlterSource {
      addedColumns = List.copyOf(addedColumns);
    }
  }

  /** {@code CREATE INDEX [IF NOT EXISTS] name ON object (column, ..)}. */
  record CreateIndex(
      Identifier name, boolean ifNotExists, Identifier object, List<Identifier> columns)
      implements Statement {
    public CreateIndex {
      columns = List.copyOf(columns);
    }
  }

  /** {@code DROP INDEX [IF EXISTS] name}. */
  record DropIndex(Identifier name, boolean ifExists) implements Statement {}

  /** {@code CREATE SUBSCRIPTION [IF NOT EXISTS] name ON stream}. */
  record CreateSubscription(Identifier name, boolean ifNotExists, Identifier stream)
      implements Statement {}

  /** {@code DROP SUBSCRIPTION [IF EXISTS] name}. */
  record DropSubscription(Identifier name, boolean ifExists) implements Statement {}

  /** {@code DROP kind [IF EXISTS] name [CASCADE]}; DROP VIEW takes a MATERIALIZED VIEW too. */
  record Drop(ObjectKind kind, Identifier name, boolean ifExists, boolean cascade)
      implements Statement {}

  /**
   * {@code INSERT [OR REPLACE | OR IGNORE] INTO table [(columns)] VALUES .. | query [ON CONFLICT ..]}.
   *
   * @param columns the target columns, empty for all in order
   * @param node the statement as Calcite has it; {@code node.getSource()} gives the rows
   * @param conflict what becomes of a row whose key is there, or null where that is an error
   * @param returning what is answered of the rows, a query over the table; or null
   */
  record Insert(
      Identifier table,
      List<Identifier> columns,
      SqlInsert node,
      Conflict conflict,
      QuerySpec returning)
      implements Statement {
    public Insert {
      columns = List.copyOf(columns);
    }
  }

  /**
   * {@code ON CONFLICT [(columns)] DO NOTHING | DO UPDATE SET column = expression, .. [WHERE ..]}.
   *
   * @param columns the key, as written; empty when it is not
   * @param action what is done
   * @param assignments of UPDATE; in their expressions a column is that of the row that is there, and
   *     EXCLUDED.column that of the row that comes
   * @param condition of UPDATE, or null
   * @param position where it stands
   */
  record Conflict(
      List<Identifier> columns,
      Action action,
      List<Assignment> assignments,
      SqlNode condition,
      SourcePosition position) {
    /** What is done with the row that comes. */
    public enum Action {
      /** It is left out. */
      NOTHING,
      /** It takes the place of the one that is there. */
      REPLACE,
      /** The one that is there is changed. */
      UPDATE
    }

    /** A column and its new value. */
    public record Assignment(Identifier column, SqlNode value) {}

    public Conflict {
      columns = List.copyOf(columns);
      assignments = List.copyOf(assignments);
    }
  }

  /**
   * {@code UPDATE table SET .. [WHERE ..] [RETURNING ..]}.
   *
   * @param returning as of {@link Insert}
   */
  record Update(Identifier table, SqlUpdate node, QuerySpec returning) implements Statement {}

  /**
   * {@code DELETE FROM table [WHERE ..] [RETURNING ..]}.
   *
   * @param returning as of {@link Insert}
   */
  record Delete(Identifier table, SqlDelete node, QuerySpec returning) implements Statement {}

  /** A query by itself: a snapshot over views and tables, live over streams. */
  record Select(QuerySpec query) implements Statement {}

  /**
   * {@code SUBSCRIBE [TO] name | query}.
   *
   * @param name the object to follow, or null when there is a query
   * @param query the query to run, or null when there is a name
   */
  record Subscribe(Identifier name, QuerySpec query) implements Statement {}

  /**
   * {@code SHOW SOURCES | STREAMS | .. [LIKE 'pattern']}.
   *
   * @param like a LIKE pattern for names, or null
   */
  record Show(Subject subject, String like) implements Statement {
    /** What SHOW lists. */
    public enum Subject {
      SOURCES,
      STREAMS,
      MATERIALIZED_VIEWS,
      VIEWS,
      TABLES,
      INDEXES,
      SINKS,
      SUBSCRIPTIONS,
      QUERIES,
      CHECKPOINTS,
      FUNCTIONS
    }
  }

  /**
   * {@code SHOW CREATE [kind] name}.
   *
   * @param kind null when not said
   */
  record ShowCreate(ObjectKind kind, Identifier name) implements Statement {}

  /**
   * {@code DESCRIBE name | query}, or with {@code DESC}. One of the two is null.
   *
   * @param query whose columns are described
   */
  record Describe(Identifier name, QuerySpec query) implements Statement {}

  /**
   * {@code EXPLAIN [mode] statement | name}. At most one of the two is not null; both are null only
   * for EXPLAIN WAITING of all queries.
   *
   * @param statement the statement to explain, or null
   * @param object the object to explain, or null
   */
  record Explain(Mode mode, Statement statement, Identifier object) implements Statement {
    /** Which view of the plan. */
    public enum Mode {
      /** What EXPLAIN alone shows. */
      DEFAULT,
      LOGICAL,
      PHYSICAL,
      CODE,
      /** With rows, time and state per operator. */
      ANALYZE,
      /** Which window waits for which input's watermark, and since when. */
      WAITING,
      /** What becomes of the operators of the query that a CREATE OR REPLACE takes the place of. */
      REPLACE
    }
  }

  /**
   * {@code SET name = value}, {@code SET name TO value} or {@code RESET name}.
   *
   * @param name the setting, parts joined by dots
   * @param namePosition where the name stands
   * @param value the new value, or null for RESET
   */
  record SetOption(String name, SourcePosition namePosition, OptionValue value)
      implements Statement {
    private static final String VARIABLE = "var.";

    /** The variable that is set or reset, or null where it is a setting. */
    public String variable() {
      return name.toLowerCase(Locale.ROOT).startsWith(VARIABLE)
          ? name.substring(VARIABLE.length())
          : null;
    }
  }

  /** {@code CHECKPOINT}. */
  record Checkpoint() implements Statement {}

  /**
   * {@code BACKUP TO 'directory'}.
   *
   * @param position where the directory stands
   */
  record Backup(String directory, SourcePosition position) implements Statement {}
}
