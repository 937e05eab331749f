package cql

func (w *printer) selectStatement(s *Select) {
	w.str("SELECT ")
	w.when(s.JSON, "JSON ")
	w.when(s.Distinct, "DISTINCT ")
	w.selector = true
	w.when(len(s.Selectors) == 0, "*")
	w.list(len(s.Selectors), func(i int) {
		w.expr(s.Selectors[i].X)
		if alias := s.Selectors[i].Alias; alias != "" {
			w.str(" AS ", QuoteIdentifier(alias))
		}
	})
	w.selector = false
	w.str(" FROM ")
	w.table(s.Table)
	w.where(s.Where)
	if len(s.GroupBy) > 0 {
		w.str(" GROUP BY ")
		w.selector = true
		w.exprs("", s.GroupBy, "")
		w.selector = false
	}
	w.when(len(s.OrderBy) > 0, " ORDER BY ")
	w.list(len(s.OrderBy), func(i int) {
		o := s.OrderBy[i]
		w.ident(o.Column)
		if o.ANN != nil {
			w.str(" ANN OF ")
			w.expr(o.ANN)
		}
		w.when(o.Desc, " DESC")
	})
	w.optional(" PER PARTITION LIMIT ", s.PerPartitionLimit)
	w.optional(" LIMIT ", s.Limit)
	w.when(s.AllowFiltering, " ALLOW FILTERING")
}

// optional writes lead and x, unless x is nil.
func (w *printer) optional(lead string, x Expr) {
	if x != nil {
		w.str(lead)
		w.expr(x)
	}
}

func (w *printer) using(u Using) {
	lead := " USING "
	if u.Timestamp != nil {
		w.optional(lead+"TIMESTAMP ", u.Timestamp)
		lead = " AND "
	}
	w.optional(lead+"TTL ", u.TTL)
}

func (w *printer) insertStatement(s *Insert) {
	w.str("INSERT INTO ")
	w.table(s.Table)
	if s.JSON != nil {
		w.optional(" JSON ", s.JSON)
		w.when(s.JSONUnset, " DEFAULT UNSET")
	} else {
		w.str(" (")
		w.idents(s.Columns)
		w.str(") VALUES ")
		w.exprs("(", s.Values, ")")
	}
	w.when(s.IfNotExists, " IF NOT EXISTS")
	w.using(s.Using)
}

func (w *printer) updateStatement(s *Update) {
	w.str("UPDATE ")
	w.table(s.Table)
	w.using(s.Using)
	w.str(" SET ")
	w.list(len(s.Assignments), func(i int) { w.assignment(&s.Assignments[i]) })
	w.where(s.Where)
	w.conditions(s.IfExists, s.If)
}

func (w *printer) assignment(a *Assignment) {
	w.ident(a.Column)
	switch a.Kind {
	case SetValue, PrependValue:
		w.str(" = ")
	case AddValue:
		w.str(" = ", QuoteIdentifier(a.Column), " + ")
	case SubtractValue:
		w.str(" = ", QuoteIdentifier(a.Column), " - ")
	case SetElement:
		w.str("[")
		w.expr(a.Index)
		w.str("] = ")
	case SetField:
		w.str(".", QuoteIdentifier(a.Field), " = ")
	}
	w.expr(a.Value)
	if a.Kind == PrependValue {
		w.str(" + ", QuoteIdentifier(a.Column))
	}
}

func (w *printer) deleteStatement(s *Delete) {
	w.str("DELETE ")
	w.list(len(s.Columns), func(i int) {
		d := s.Columns[i]
		w.ident(d.Column)
		switch {
		case d.Index != nil:
			w.exprs("[", []Expr{d.Index}, "]")
		case d.Field != "":
			w.str(".", QuoteIdentifier(d.Field))
		}
	})
	w.when(len(s.Columns) > 0, " ")
	w.str("FROM ")
	w.table(s.Table)
	w.using(s.Using)
	w.where(s.Where)
	w.conditions(s.IfExists, s.If)
}

func (w *printer) batchStatement(s *Batch) {
	w.str("BEGIN ", [...]string{"", "UNLOGGED ", "COUNTER "}[s.Kind], "BATCH")
	w.using(s.Using)
	for _, stmt := range s.Statements {
		w.str(" ")
		w.statement(stmt)
		w.str(";")
	}
	w.str(" APPLY BATCH")
}

// operatorText is how each operator is written.
var operatorText = [...]string{
	Eq: "=", Neq: "!=", Lt: "<", Lte: "<=", Gt: ">", Gte: ">=", In: "IN", NotIn: "NOT IN",
	Contains: "CONTAINS", ContainsKey: "CONTAINS KEY", NotContains: "NOT CONTAINS", NotContainsKey: "NOT CONTAINS KEY",
	Like: "LIKE", IsNotNull: "IS NOT NULL", Between: "BETWEEN", NotBetween: "NOT BETWEEN", ANN: "ANN OF",
}

// String returns o as CQL, e.g. "CONTAINS KEY".
func (o Operator) String() string { return operatorText[o] }

func (w *printer) where(relations []Relation) {
	for i := range relations {
		if i == 0 {
			w.str(" WHERE ")
		} else {
			w.str(" AND ")
		}
		w.relation(&relations[i])
	}
}

func (w *printer) relation(r *Relation) {
	switch r.Kind {
	case CustomIndex:
		w.str("expr(")
		w.idents(r.Columns)
		w.optional(", ", r.Value)
		w.str(")")
		return
	case SingleColumn:
		w.idents(r.Columns)
	case MultiColumn, Token:
		w.when(r.Kind == Token, "token")
		w.str("(")
		w.idents(r.Columns)
		w.str(")")
	}
	if r.Element != nil {
		w.exprs("[", []Expr{r.Element}, "]")
	}
	w.comparison(r.Op, r.Value, r.Values)
}

// comparison writes an operator and its right side.
func (w *printer) comparison(op Operator, value Expr, values []Expr) {
	w.str(" ", op.String())
	switch {
	case op == IsNotNull:
	case value != nil:
		w.optional(" ", value)
	case op == Between || op == NotBetween:
		w.optional(" ", values[0])
		w.optional(" AND ", values[1])
	default:
		w.exprs(" (", values, ")")
	}
}

func (w *printer) conditions(exists bool, conditions []Condition) {
	w.when(exists, " IF EXISTS")
	for i, c := range conditions {
		if i == 0 {
			w.str(" IF ")
		} else {
			w.str(" AND ")
		}
		w.ident(c.Column)
		switch {
		case c.Element != nil:
			w.exprs("[", []Expr{c.Element}, "]")
		case c.Field != "":
			w.str(".", QuoteIdentifier(c.Field))
		}
		w.comparison(c.Op, c.Value, c.Values)
	}
}
