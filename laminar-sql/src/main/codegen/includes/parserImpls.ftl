<#-- Rules added to Calcite's grammar. -->

/**
 * The right side of {@code time AT TIME ZONE zone}; {@code list} already holds the time. Validation
 * makes the operator a call of TIMEZONE.
 */
void AtTimeZone(List<Object> list, ExprContext exprContext, Span s) :
{
}
{
    <AT> <TIME> <ZONE> {
        checkNonQueryExpression(exprContext);
        list.add(
            new SqlParserUtil.ToTreeListItem(
                new org.apache.calcite.sql.SqlBinaryOperator(
                    "AT TIME ZONE",
                    SqlKind.OTHER_FUNCTION,
                    94, // as tight as ::
                    true,
                    org.apache.calcite.sql.type.ReturnTypes.ARG0,
                    null,
                    org.apache.calcite.sql.type.OperandTypes.ANY_ANY),
                s.pos()));
    }
    AddExpression2b(list, ExprContext.ACCEPT_SUB_QUERY)
}

/** The right side of {@code value::TYPE}; {@code list} already holds the value. */
void InfixCast(List<Object> list, ExprContext exprContext, Span s) :
{
    final SqlDataTypeSpec type;
}
{
    <INFIX_CAST> {
        checkNonQueryExpression(exprContext);
    }
    type = DataType() {
        list.add(
            new SqlParserUtil.ToTreeListItem(SqlLibraryOperators.INFIX_CAST, s.pos()));
        list.add(type);
    }
}

/**
 * The right side of {@code json -> path} and {@code json ->> path}; {@code list} already holds the
 * JSON. Validation makes the operators calls of JSON_EXTRACT and JSON_EXTRACT_STRING.
 */
void JsonArrow(List<Object> list, ExprContext exprContext, Span s) :
{
}
{
    <JSON_ARROW> {
        checkNonQueryExpression(exprContext);
        list.add(
            new SqlParserUtil.ToTreeListItem(
                new org.apache.calcite.sql.SqlBinaryOperator(
                    token.image,
                    SqlKind.OTHER_FUNCTION,
                    94, // as tight as ::
                    true,
                    org.apache.calcite.sql.type.ReturnTypes.ARG0,
                    null,
                    org.apache.calcite.sql.type.OperandTypes.ANY_ANY),
                s.pos()));
    }
    AddExpression2b(list, ExprContext.ACCEPT_SUB_QUERY)
}

/** FILTER behind JSON_ARRAYAGG and JSON_OBJECTAGG, which have rules of their own. */
void JsonFilter(List<Object> list, ExprContext exprContext, Span s) :
{
    final SqlNode condition;
}
{
    <FILTER> {
        if (!(list.get(list.size() - 1) instanceof SqlCall)
            || ((SqlCall) list.get(list.size() - 1)).getKind() != SqlKind.WITHIN_GROUP
                && !((SqlCall) list.get(list.size() - 1))
                    .getOperator()
                    .getName()
                    .startsWith("JSON_")) {
            throw generateParseException();
        }
    }
    <LPAREN> <WHERE> condition = Expression(ExprContext.ACCEPT_SUB_QUERY) <RPAREN> {
        final SqlNode call = (SqlNode) list.get(list.size() - 1);
        list.set(
            list.size() - 1,
            SqlStdOperatorTable.FILTER.createCall(s.end(this), call, condition));
    }
}

/**
 * The right side of an operator that Calcite lacks, or binds in another way than DuckDB; {@code list}
 * already holds the left side. Validation makes the operators calls of functions.
 */
void InfixOperator(List<Object> list, ExprContext exprContext, Span s) :
{
    final int precedence;
}
{
    <INFIX_OPERATOR> {
        checkNonQueryExpression(exprContext);
        switch (token.image) {
        case "~": precedence = 90; break; // above a sign; what stands before it is a filler
        case "**": precedence = 70; break; // above *
        case "GLOB":
        case "NOT GLOB": precedence = 32; break; // as LIKE
        default: precedence = 36; // below +, above comparisons
        }
        list.add(
            new SqlParserUtil.ToTreeListItem(
                new org.apache.calcite.sql.SqlBinaryOperator(
                    token.image,
                    SqlKind.OTHER_FUNCTION,
                    precedence,
                    true,
                    org.apache.calcite.sql.type.ReturnTypes.ARG0,
                    null,
                    org.apache.calcite.sql.type.OperandTypes.ANY_ANY),
                s.pos()));
    }
    AddExpression2b(list, ExprContext.ACCEPT_SUB_QUERY)
}

/** SEMI JOIN and ANTI JOIN, which give rows of the left side only. */
JoinType SemiOrAntiJoin() :
{
    final JoinType type;
}
{
    [ <LEFT> ]
    (
        <SEMI> { type = JoinType.LEFT_SEMI_JOIN; }
    |
        <ANTI> { type = JoinType.LEFT_ANTI_JOIN; }
    )
    <JOIN> { return type; }
}
