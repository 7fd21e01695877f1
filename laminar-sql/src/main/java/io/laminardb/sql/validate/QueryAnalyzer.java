package io.laminardb.sql.validate;

import io.laminardb.core.error.LaminarException;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.CatalogSnapshot;
import io.laminardb.sql.function.LambdaFunction;
import io.laminardb.sql.function.NestedFunctions;
import io.laminardb.sql.function.UserFunctions;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.calcite.config.NullCollation;
import org.apache.calcite.plan.RelOptCluster;
import org.apache.calcite.plan.hep.HepPlanner;
import org.apache.calcite.plan.hep.HepProgram;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.RelRoot;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.runtime.CalciteException;
import org.apache.calcite.sql.SqlAggFunction;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.SqlOperatorTable;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.SqlWindow;
import org.apache.calcite.sql.type.SqlTypeMappingRule;
import org.apache.calcite.sql.util.SqlBasicVisitor;
import org.apache.calcite.sql.util.SqlShuttle;
import org.apache.calcite.sql.validate.SelectScope;
import org.apache.calcite.sql.validate.SetopNamespace;
import org.apache.calcite.sql.validate.SqlConformanceEnum;
import org.apache.calcite.sql.validate.SqlValidator;
import org.apache.calcite.sql.validate.SqlValidatorImpl;
import org.apache.calcite.sql.validate.SqlValidatorScope;
import org.apache.calcite.sql2rel.SqlRexContext;
import org.apache.calcite.sql2rel.SqlRexConvertlet;
import org.apache.calcite.sql2rel.SqlRexConvertletTable;
import org.apache.calcite.sql2rel.SqlToRelConverter;
import org.apache.calcite.sql2rel.StandardConvertletTable;
import org.apache.calcite.util.Util;

/** From a parsed query to validated relational algebra. Safe for any number of threads. */
public final class QueryAnalyzer {
  /** What came out, and what it was made with. */
  public record Analysis(
      RelRoot root, QueryRewriter rewriter, RexBuilder rexBuilder, List<CatalogObject> scanned) {}

  private final SqlOperatorTable operators;
  private final UserFunctions users; // null where a user has registered none

  /** An analyzer that knows the scalar operators and functions of {@code scalars}. */
  public QueryAnalyzer(SqlOperatorTable scalars) {
    this.operators = new DialectOperators(scalars);
    this.users = scalars instanceof UserFunctions own ? own : null;
  }

  /**
   * Checks a query.
   *
   * @param snapshot whether it ends, so that ORDER BY and LIMIT have a meaning
   * @throws LaminarException for whatever is wrong with it, with the place where that is known
   */
  public Analysis analyze(
      SqlNode query, CatalogSnapshot catalog, Parameters parameters, boolean snapshot) {
    if (parameters.isTypesOnly()) {
      ParameterPlaces.check(query);
    }
    QueryRewriter rewriter = new QueryRewriter(catalog, parameters, snapshot);
    try {
      SqlNode aggregates = users == null ? query : query.accept(new UserAggregateCalls(users));
      SqlNode resolved = aggregates.accept(new SemiJoins()).accept(new AllOfThem());
      SqlNode rewritten = rewriter.rewrite(resolved.accept(new TableFunctionCalls(users)));
      RelDataTypeFactory types = Types.factory();
      CatalogTables tables = CatalogTables.of(catalog, types);
      Validator validator = new Validator(operators, tables, types);
      SqlNode validated = validator.validate(rewritten);
      if (!snapshot) {
        Nondeterminism.refuse(validated);
      }
      RexBuilder rexBuilder = LocalZone.builder(types, parameters.zone());
      HepPlanner planner = new HepPlanner(HepProgram.builder().build());
      planner.setExecutor(QueryAnalyzer::reduceNothing);
      RelOptCluster cluster = RelOptCluster.create(planner, rexBuilder);
      cluster.setMetadataQuerySupplier(Metadata::new);
      SqlToRelConverter converter =
          new SqlToRelConverter(
              QueryAnalyzer::noViews,
              validator,
              tables,
              cluster,
              convertlets(parameters),
              unnests(validated) ? CONVERSION_OF_UNNEST : CONVERSION) {
            @Override
            protected RelNode convertSetOp(SqlCall call) {
              return call.getOperator() instanceof UnionByName union
                  ? union.of(
                      convertQueryRecursive(call.operand(0), false, null).project(),
                      convertQueryRecursive(call.operand(1), false, null).project(),
                      rexBuilder)
                  : super.convertSetOp(call);
            }
          };
      RelRoot converted = converter.convertQuery(validated, false, true);
      RelRoot root = converted.withRel(LocalZone.rewritten(converted.rel, rexBuilder));
      return new Analysis(root, rewriter, rexBuilder, rewriter.relations().scanned());
    } catch (RuntimeException | AssertionError | StackOverflowError failure) {
      throw new ValidationErrors(rewriter.relations().scanned(), operators).translate(failure);
    }
  }

  /** Constant expressions are evaluated by our code when rows need them, not by Calcite's now. */
  private static void reduceNothing(
      RexBuilder rexBuilder, List<RexNode> constants, List<RexNode> reduced) {
    reduced.addAll(constants);
  }

  private static SqlRexConvertletTable convertlets(Parameters parameters) {
    return call -> convertlet(call, parameters);
  }

  private static SqlRexConvertlet convertlet(SqlCall call, Parameters parameters) {
    SqlOperator operator = call.getOperator();
    if (operator instanceof TimeShift) {
      return TimeShift::convert;
    }
    if (operator instanceof WindowBound) {
      return WindowBound::convert;
    }
    if (operator.getKind() == SqlKind.CAST || operator.getKind() == SqlKind.SAFE_CAST) {
      return CastRules::convert;
    }
    if (LambdaCalls.isPart(operator)) {
      return LambdaCalls::convert;
    }
    if (JsonValues.isCall(operator)) {
      return JsonValues::convert;
    }
    if (TypedCalls.isTypeOf(operator)) {
      return TypedCalls::convert;
    }
    if (NamedRow.isCall(operator)) {
      return NamedRow::convert;
    }
    if (operator.getKind() == SqlKind.MOD) { // Calcite's would make % a MOD of its own
      return QueryAnalyzer::plainCall;
    }
    if (operator.getKind() == SqlKind.IS_DISTINCT_FROM
        || operator.getKind() == SqlKind.IS_NOT_DISTINCT_FROM) {
      return QueryAnalyzer::distinct;
    }
    if (operator instanceof SqlAggFunction) { // with OVER; Calcite's would take AVG apart
      return (context, node) ->
          context
              .getRexBuilder()
              .makeCall(
                  context.getValidator().getValidatedNodeType(node),
                  operator,
                  node.getOperandList().stream()
                      .filter(operand -> !isStar(operand))
                      .map(context::convertExpression)
                      .toList());
    }
    if (Nondeterminism.readsClock(operator)) {
      return (context, node) ->
          Nondeterminism.literal(
              context.getRexBuilder().deriveReturnType(operator, List.of()),
              context.getRexBuilder(),
              parameters.statementNs(),
              parameters.zone());
    }
    return StandardConvertletTable.INSTANCE.get(call);
  }

  private static RexNode plainCall(SqlRexContext context, SqlCall call) {
    return context
        .getRexBuilder()
        .makeCall(
            call.getOperator(),
            call.getOperandList().stream().map(context::convertExpression).toList());
  }

  /** Calcite's would compare field by field, and take a ROW of NULLs for NULL. */
  private static RexNode distinct(SqlRexContext context, SqlCall call) {
    boolean rows =
        call.getOperandList().stream()
            .anyMatch(operand -> context.getValidator().getValidatedNodeType(operand).isStruct());
    return rows
        ? plainCall(context, call)
        : StandardConvertletTable.INSTANCE.get(call).convertCall(context, call);
  }

  private static boolean isStar(SqlNode operand) {
    return operand instanceof SqlIdentifier identifier && identifier.isStar();
  }

  private static final SqlToRelConverter.Config CONVERSION =
      SqlToRelConverter.config()
          .withExpand(false)
          .withTrimUnusedFields(false)
          .withInSubQueryThreshold(Integer.MAX_VALUE);

  /** Merged into the one around it, a projection would lose an UNNEST whose values nobody reads. */
  private static final SqlToRelConverter.Config CONVERSION_OF_UNNEST =
      CONVERSION.addRelBuilderConfigTransform(config -> config.withBloat(-1));

  /** Whether a select list calls UNNEST. */
  private static boolean unnests(SqlNode query) {
    try {
      query.accept(
          new SqlBasicVisitor<Void>() {
            @Override
            public Void visit(SqlCall call) {
              if (call.getOperator() == NestedFunctions.UNNEST) {
                throw Util.FoundOne.NULL;
              }
              return super.visit(call);
            }
          });
      return false;
    } catch (Util.FoundOne found) {
      return true;
    }
  }

  private static RelRoot noViews(
      RelDataType rowType, String sql, List<String> schemaPath, List<String> viewPath) {
    throw new IllegalStateException("views are not expanded");
  }

  private static final class Validator extends SqlValidatorImpl {
    private final Map<SqlSelect, List<StarWithout>> stars = new IdentityHashMap<>();

    Validator(SqlOperatorTable operators, CatalogTables tables, RelDataTypeFactory types) {
      super(
          operators,
          tables,
          types,
          SqlValidator.Config.DEFAULT
              .withConformance(SqlConformanceEnum.LENIENT)
              .withDefaultNullCollation(NullCollation.LAST)
              .withTypeCoercionFactory(StrictCoercion::new)
              .withIdentifierExpansion(true));
    }

    @Override
    public SqlTypeMappingRule getTypeMappingRule() {
      return CastRules.INSTANCE;
    }

    /** Calcite's own cast knows no text of a nested value, and no NULL in one. */
    @Override
    public RelDataType deriveType(SqlValidatorScope scope, SqlNode expression) {
      if (expression instanceof SqlCall call
          && CastRules.isCast(call)
          && getValidatedNodeTypeIfKnown(call) == null) {
        RelDataType from = deriveType(scope, call.operand(0));
        RelDataType to = CastRules.nested(from, call, this);
        if (to != null) {
          setValidatedNodeType(call, to);
          return to;
        }
      }
      if (expression instanceof SqlCall call && getValidatedNodeTypeIfKnown(call) == null) {
        RowNames.check(call, this, scope); // Calcite may cast one to the other
        TypedCalls.resolve(call, this, scope);
      }
      return super.deriveType(scope, expression);
    }

    /** The parameters of a lambda have the types that the call gives them. */
    @Override
    protected void inferUnknownTypes(RelDataType inferred, SqlValidatorScope scope, SqlNode node) {
      if (node instanceof SqlCall call && call.getOperator() instanceof LambdaFunction) {
        deriveType(scope, call);
      }
      super.inferUnknownTypes(inferred, scope, node);
    }

    @Override
    protected SetopNamespace createSetopNamespace(SqlCall call, SqlNode enclosing) {
      return call.getOperator() instanceof UnionByName
          ? UnionByName.namespace(this, call, enclosing)
          : super.createSetopNamespace(call, enclosing);
    }

    /** What joins with USING share is one column, and one that any side may have a value of. */
    @Override
    protected void validateSelect(SqlSelect select, RelDataType targetType) {
      super.validateSelect(select, targetType);
      SharedColumns.compare(select.getFrom(), this);
    }

    /**
     * What UNNEST takes is validated before it is expanded: Calcite would do so in the midst of looking
     * for {@code r} in {@code UNNEST(r.items)}, and be at a loss with names that have changed by then.
     */
    @Override
    protected void validateFrom(SqlNode node, RelDataType targetType, SqlValidatorScope scope) {
      if (node.getKind() == SqlKind.UNNEST) {
        Objects.requireNonNull(getNamespace(node), "namespace").validate(unknownType);
      }
      super.validateFrom(node, targetType, scope);
      if (scope.getNode() instanceof SqlSelect select && select.getFrom() == node) {
        SharedColumns.name(select, this);
      }
    }

    /** Distances of time in a BIGINT are milliseconds, as Calcite does not know. */
    @Override
    public void validateWindow(SqlNode window, SqlValidatorScope scope, SqlCall call) {
      OverCalls.measureInMillis(resolveWindow(window, scope), scope, this);
      super.validateWindow(window, scope, call);
    }

    @Override
    protected void validateWindowClause(SqlSelect select) {
      for (SqlNode window : select.getWindowList()) {
        OverCalls.measureInMillis((SqlWindow) window, getWhereScope(select), this);
      }
      super.validateWindowClause(select);
    }

    /** In GROUP BY a name is that of a column, and only where there is none that of a result. */
    @Override
    public SqlNode extendedExpandGroupBy(
        SqlNode expression, SqlValidatorScope scope, SqlSelect select) {
      return super.extendedExpandGroupBy(columns(expression, scope, c -> true), scope, select);
    }

    /** In HAVING a name is that of a column in GROUP BY, and only else that of a result. */
    @Override
    protected void validateHavingClause(SqlSelect select) {
      if (select.getHaving() != null && select.getGroup() != null) {
        List<String> keys =
            Select.leaves(select.getGroup().getList()).stream().map(SqlNode::toString).toList();
        SqlValidatorScope scope = getWhereScope(select);
        select.setHaving(
            columns(select.getHaving(), scope, column -> keys.contains(column.toString())));
      }
      super.validateHavingClause(select);
    }

    /**
     * The expression with the columns that {@code accepted} takes named in full. Subqueries have
     * columns of their own, and find these by themselves.
     */
    private static SqlNode columns(
        SqlNode expression, SqlValidatorScope scope, Predicate<SqlIdentifier> accepted) {
      return expression.accept(
          new SqlShuttle() {
            @Override
            public SqlNode visit(SqlIdentifier name) {
              SqlIdentifier column = name.isSimple() ? columnOrNull(name, scope) : null;
              return column != null && accepted.test(column) ? column : name;
            }

            @Override
            public SqlNode visit(SqlCall call) {
              return call.isA(SqlKind.QUERY) ? call : super.visit(call);
            }
          });
    }

    private static SqlIdentifier columnOrNull(SqlIdentifier name, SqlValidatorScope scope) {
      try {
        return scope.fullyQualify(name).identifier;
      } catch (CalciteException notAColumn) {
        return null;
      }
    }

    private static boolean isSelected(SqlNode expression, List<SqlNode> list) {
      return expression instanceof SqlIdentifier name
          && list.stream()
              .anyMatch(
                  other ->
                      other instanceof SqlIdentifier known
                          && Util.last(known.names).equalsIgnoreCase(Util.last(name.names)));
    }

    @Override
    protected void validateOrderList(SqlSelect select) {
      AllOfThem.orderBy(
          select,
          getNamespace(select).getRowType().getFieldNames().stream()
              .filter(name -> !HiddenColumns.isHidden(name))
              .count());
      super.validateOrderList(select);
    }

    @Override
    protected RelDataType validateSelectList(
        SqlNodeList items, SqlSelect select, RelDataType targetType) {
      List<StarWithout> leaving = StarWithout.among(items);
      if (!leaving.isEmpty()) {
        StarWithout.refuseShared(leaving.get(0), select.getFrom());
      }
      stars.put(select, leaving);
      RelDataType type = super.validateSelectList(items, select, targetType);
      stars.remove(select).forEach(star -> star.check(type.getFieldCount()));
      return type;
    }

    /** Leaves hidden columns out of {@code *}, and those that EXCLUDE names. */
    @Override
    protected void addToSelectList(
        List<SqlNode> list,
        Set<String> aliases,
        List<Map.Entry<String, RelDataType>> fieldList,
        SqlNode expression,
        SelectScope scope,
        boolean includeSystemVariables) {
      if (expression instanceof SqlIdentifier identifier
          && (HiddenColumns.isHidden(Util.last(identifier.names))
              || StarWithout.leaveOut(stars.get(scope.getNode()), identifier))) {
        return;
      }
      SqlNode other = StarWithout.replacement(stars.get(scope.getNode()), expression);
      if (other != null) {
        inferUnknownTypes(unknownType, scope, other);
        super.addToSelectList(
            list, aliases, fieldList, expand(other, scope), scope, includeSystemVariables);
        return;
      }
      if (MatchRecognize.isMatch(scope.getNode()) && isSelected(expression, list)) {
        return; // * behind MATCH_RECOGNIZE's own columns is what is left
      }
      super.addToSelectList(list, aliases, fieldList, expression, scope, includeSystemVariables);
    }
  }
}
