package io.laminardb.sql.parser;

import io.laminardb.core.error.LaminarException;
import io.laminardb.sql.parser.impl.LaminarParserImpl;
import io.laminardb.sql.parser.impl.LaminarParserImplConstants;
import io.laminardb.sql.parser.impl.LaminarParserImplTokenManager;
import io.laminardb.sql.parser.impl.ParseException;
import io.laminardb.sql.parser.impl.SimpleCharStream;
import io.laminardb.sql.parser.impl.Token;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.calcite.avatica.util.Casing;
import org.apache.calcite.runtime.CalciteContextException;
import org.apache.calcite.sql.SqlDataTypeSpec;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.validate.SqlConformance;
import org.apache.calcite.sql.validate.SqlConformanceEnum;
import org.apache.calcite.sql.validate.SqlDelegatingConformance;

/**
 * Reads queries, expressions, types and DML: ranges of a statement's tokens, by the parser that is
 * generated from Calcite's grammar. One instance a statement, so that its {@code ?} are numbered
 * through.
 */
final class GrammarParser {
  /** As lenient as can be, and ROW(a, b) is a value. */
  private static final SqlConformance DIALECT =
      new SqlDelegatingConformance(SqlConformanceEnum.BABEL) {
        @Override
        public boolean allowExplicitRowValueConstructor() {
          return true;
        }
      };

  private final String sql;
  private final List<SqlToken> tokens;
  private final Variables variables;
  private LaminarParserImpl parser;

  GrammarParser(String sql, List<SqlToken> tokens, Variables variables) {
    this.sql = sql;
    this.tokens = tokens;
    this.variables = variables;
  }

  /** A rule of the generated parser. */
  private interface Rule<T> {
    T apply(LaminarParserImpl parser) throws ParseException;
  }

  /** What a rule made of the tokens, and the first token it left over. */
  record Parsed<T>(T value, int next) {}

  /** A whole query in {@code tokens[from, to)}. */
  SqlNode query(int from, int to) {
    SqlNode query = read(from, to, true, LaminarParserImpl::SqlQueryEof).value();
    return ColumnNames.given(TreeGuard.checked(query, sql), tokens);
  }

  /** A whole expression in {@code tokens[from, to)}. */
  SqlNode expression(int from, int to) {
    return TreeGuard.checked(
        read(from, to, true, LaminarParserImpl::SqlExpressionEof).value(), sql);
  }

  /** An INSERT, UPDATE or DELETE that is all of {@code tokens[from, to)}. */
  SqlNode dml(int from, int to) {
    List<SqlToken> words = rewritten(from, to);
    boolean update = tokens.get(from).is("UPDATE");
    List<SqlToken> plain = update ? RowAssignments.rewritten(words, sql) : words;
    return TreeGuard.checked(read(from, to, plain, LaminarParserImpl::SqlStmtEof).value(), sql);
  }

  /** An INSERT whose first words, {@code tokens[from, into)}, are other ones. */
  SqlNode insert(int from, int into, int to) {
    List<SqlToken> words = new ArrayList<>();
    words.add(tokens.get(from).copy(LaminarParserImplConstants.INSERT, "INSERT"));
    words.addAll(rewritten(into, to));
    return TreeGuard.checked(read(from, to, words, LaminarParserImpl::SqlStmtEof).value(), sql);
  }

  /** The select list in {@code tokens[from, to)}, in a SELECT without FROM. */
  SqlSelect selectList(int from, int to) {
    List<SqlToken> words = new ArrayList<>();
    words.add(tokens.get(from).copy(LaminarParserImplConstants.SELECT, "SELECT"));
    words.addAll(rewritten(from, to));
    SqlNode query = read(from, to, words, LaminarParserImpl::SqlQueryEof).value();
    return (SqlSelect) TreeGuard.checked(query, sql);
  }

  /** A type that starts at {@code from}. */
  Parsed<SqlDataTypeSpec> type(int from, int to) {
    return read(from, to, false, LaminarParserImpl::DataType);
  }

  private <T> Parsed<T> read(int from, int to, boolean rewrite, Rule<T> rule) {
    return read(
        from, to, rewrite ? rewritten(from, to) : TypeSpellings.rewritten(copies(from, to)), rule);
  }

  private <T> Parsed<T> read(int from, int to, List<SqlToken> copies, Rule<T> rule) {
    Replay replay = new Replay(copies, from, to);
    if (parser == null) {
      parser = new LaminarParserImpl(replay);
      parser.setConformance(DIALECT);
      parser.setUnquotedCasing(Casing.UNCHANGED);
      parser.setQuotedCasing(Casing.UNCHANGED);
      parser.setIdentifierMaxLength(Integer.MAX_VALUE);
    } else {
      parser.ReInit(replay);
    }
    try {
      T value = rule.apply(parser);
      return new Parsed<>(value, ((SqlToken) parser.getToken(1)).index);
    } catch (ParseException e) {
      throw SyntaxErrors.of(e, parser, tokens, from, to).in(sql);
    } catch (CalciteContextException e) {
      throw SyntaxErrors.of(e).in(sql);
    } catch (LaminarException e) {
      throw e;
    } catch (RuntimeException | AssertionError e) {
      throw SyntaxErrors.of(e, (SqlToken) parser.getToken(0), tokens.get(from)).in(sql);
    }
  }

  /** Copies in which names are identifiers and spellings are those of the grammar. */
  private List<SqlToken> rewritten(int from, int to) {
    List<SqlToken> copies = copies(from, to);
    int[] kinds = SoftKeywords.kinds(tokens, from, to);
    for (int i = 0; i < kinds.length; i++) {
      copies.get(i).kind = kinds[i];
    }
    return OtherSpellings.rewritten(TypeSpellings.rewritten(copies), sql);
  }

  /** Copies with variables replaced; the generated parser links tokens, ours stay as they are. */
  private List<SqlToken> copies(int from, int to) {
    List<SqlToken> copies = new ArrayList<>(to - from);
    for (SqlToken token : tokens.subList(from, to)) {
      copies.add(token.copy(token.kind, variables.replacedImage(token, sql)));
    }
    return copies;
  }

  /** Gives the generated parser a list of tokens, then an end. */
  private final class Replay extends LaminarParserImplTokenManager {
    private final Iterator<SqlToken> rest;
    private final int from;
    private final int to;

    Replay(List<SqlToken> copies, int from, int to) {
      super(new SimpleCharStream(new StringReader(""), 1, 1, 1));
      this.rest = copies.iterator();
      this.from = from;
      this.to = to;
    }

    @Override
    public Token getNextToken() {
      return rest.hasNext() ? rest.next() : endToken(tokens, from, to);
    }
  }

  /** The end of {@code tokens[from, to)}, right after its last token. */
  static SqlToken endToken(List<SqlToken> tokens, int from, int to) {
    SqlToken last = tokens.get(to > from ? to - 1 : from);
    SqlToken end = new SqlToken(to, LaminarParserImplConstants.EOF, "", last.end, last.end);
    end.beginLine = last.endLine;
    end.beginColumn = last.endColumn + (to > from ? 1 : 0);
    end.endLine = end.beginLine;
    end.endColumn = end.beginColumn;
    return end;
  }
}
