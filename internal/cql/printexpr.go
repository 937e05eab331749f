package cql

import "strconv"

func (w *printer) integer(n int) { w.buf = strconv.AppendInt(w.buf, int64(n), 10) }

// expr writes a term, or a selector when w.selector is set.
func (w *printer) expr(x Expr) {
	switch x := x.(type) {
	case *Literal:
		if x.Kind == StringLiteral {
			w.str(QuoteString(x.Text))
		} else {
			w.str(x.Text)
		}
	case *BindMarker:
		w.marker(x)
	case *ListLiteral:
		w.exprs("[", x.Elems, "]")
	case *SetLiteral:
		w.exprs("{", x.Elems, "}")
	case *TupleLiteral:
		w.exprs("(", x.Elems, ")")
	case *MapLiteral:
		w.str("{")
		w.list(len(x.Entries), func(i int) {
			w.expr(x.Entries[i].Key)
			w.str(": ")
			w.expr(x.Entries[i].Value)
		})
		w.str("}")
	case *UDTLiteral:
		w.str("{")
		w.list(len(x.Fields), func(i int) {
			w.str(QuoteIdentifier(x.Fields[i].Name), ": ")
			w.expr(x.Fields[i].Value)
		})
		w.str("}")
	case *FunctionCall:
		w.call(x)
	case *TypeHint:
		w.str("(")
		w.typeName(x.Type)
		w.str(") ")
		w.operand(x.X, precedenceSimple)
	case *Cast:
		w.str("CAST(")
		w.expr(x.X)
		w.str(" AS ")
		w.typeName(x.Type)
		w.str(")")
	case *Binary:
		own := precedence(x)
		w.operand(x.L, own)
		w.str(" ", string(x.Op), " ")
		w.operand(x.R, own+1)
	case *Negate:
		// The blank keeps "- 3" and "- -3" from becoming "-3" and a comment.
		w.str("- ")
		w.operand(x.X, precedenceSimple)
	default:
		w.reference(x)
	}
}

// reference writes a column, or a part of one.
func (w *printer) reference(x Expr) {
	switch x := x.(type) {
	case *Column:
		w.ident(x.Name)
	case *Field:
		w.operand(x.X, precedenceSimple)
		w.str(".", QuoteIdentifier(x.Name))
	case *Element:
		w.operand(x.X, precedenceSimple)
		w.str("[")
		w.term(x.Index)
		w.str("]")
	case *SliceOf:
		w.operand(x.X, precedenceSimple)
		w.str("[")
		if x.From != nil {
			w.term(x.From)
		}
		w.str(" .. ")
		if x.To != nil {
			w.term(x.To)
		}
		w.str("]")
	}
}

// term writes x as a term, even within a select clause.
func (w *printer) term(x Expr) {
	selector := w.selector
	w.selector = false
	w.expr(x)
	w.selector = selector
}

func (w *printer) exprs(open string, list []Expr, end string) {
	w.str(open)
	w.list(len(list), func(i int) { w.expr(list[i]) })
	w.str(end)
}

// How tightly expressions bind.
const (
	precedenceSum = iota
	precedenceProduct
	precedenceNegate
	precedenceSimple
)

func precedence(x Expr) int {
	switch x := x.(type) {
	case *Binary:
		if x.Op == '+' || x.Op == '-' {
			return precedenceSum
		}
		return precedenceProduct
	case *Negate:
		return precedenceNegate
	}
	return precedenceSimple
}

// operand writes x, in parentheses when it binds less than least. The parser
// itself never makes such a tree but for negations: parentheses are tuples to it.
func (w *printer) operand(x Expr, least int) {
	if p := precedence(x); p >= least || p == precedenceNegate && w.selector {
		w.expr(x)
		return
	}
	w.exprs("(", []Expr{x}, ")")
}

func (w *printer) marker(m *BindMarker) {
	if m.Name == "" {
		w.str("?")
		return
	}
	w.str(":", QuoteIdentifier(m.Name))
}

// call writes a function call. WRITETIME and its like are keywords that only
// take a column of a select clause; a function of such a name needs quotes.
func (w *printer) call(x *FunctionCall) {
	if x.Keyspace != "" {
		w.str(QuoteIdentifier(x.Keyspace), ".")
	}
	k := lookupWord(x.Name)
	columnFunction := k == kWriteTime || k == kMaxWriteTime || k == kTTL
	if columnFunction && w.selector && x.Keyspace == "" && len(x.Args) == 1 && isColumnPart(x.Args[0]) {
		w.str(x.Name)
	} else {
		w.str(quoteFunctionName(x.Name))
	}
	if x.Star {
		w.str("(*)")
		return
	}
	w.exprs("(", x.Args, ")")
}

// isColumnPart reports whether x is a column, or a field or element of one.
func isColumnPart(x Expr) bool {
	for {
		switch y := x.(type) {
		case *Column:
			return true
		case *Field:
			x = y.X
		case *Element:
			x = y.X
		case *SliceOf:
			x = y.X
		default:
			return false
		}
	}
}
