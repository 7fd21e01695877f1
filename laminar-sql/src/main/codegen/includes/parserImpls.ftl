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
