package cql

// Print returns stmt as CQL. Parsing the answer gives the same tree again; bind
// markers come out in the order of the text, so trees that are built by hand
// must number theirs like that.
func Print(stmt Statement) string {
	var w printer
	w.statement(stmt)
	return string(w.buf)
}

// ExprText returns x as CQL, as it stands in a WHERE clause or a VALUES list.
func ExprText(x Expr) string {
	var w printer
	w.expr(x)
	return string(w.buf)
}

// String returns t as CQL.
func (t TypeName) String() string {
	var w printer
	w.typeName(t)
	return string(w.buf)
}

// printer appends CQL to buf.
type printer struct {
	buf []byte
	// selector is set within a select clause, where columns and functions of
	// columns (WRITETIME, TTL) may stand.
	selector bool
}

func (w *printer) str(parts ...string) {
	for _, s := range parts {
		w.buf = append(w.buf, s...)
	}
}

func (w *printer) ident(name string) { w.str(QuoteIdentifier(name)) }

func (w *printer) qualified(name QualifiedName, quote func(string) string) {
	if name.Keyspace != "" {
		w.str(QuoteIdentifier(name.Keyspace), ".")
	}
	w.str(quote(name.Name))
}

func (w *printer) table(name QualifiedName) { w.qualified(name, QuoteIdentifier) }

// list writes n items with ", " between them.
func (w *printer) list(n int, item func(i int)) {
	for i := range n {
		if i > 0 {
			w.str(", ")
		}
		item(i)
	}
}

func (w *printer) idents(names []string) {
	w.list(len(names), func(i int) { w.ident(names[i]) })
}

// when writes s if cond holds.
func (w *printer) when(cond bool, s string) {
	if cond {
		w.str(s)
	}
}

func (w *printer) typeName(t TypeName) {
	switch {
	case t.Class != "":
		w.str(QuoteString(t.Class))
		return
	case t.Keyspace != "":
		w.str(QuoteIdentifier(t.Keyspace), ".", quoteTypeName(t.Name))
		return
	case t.Quoted:
		w.str(quoteName(t.Name))
		return
	case len(t.Args) == 0 && !lookupWord(t.Name).is(classNative):
		w.str(quoteTypeName(t.Name))
		return
	}
	w.str(t.Name)
	if len(t.Args) == 0 {
		return
	}
	w.str("<")
	w.list(len(t.Args), func(i int) { w.typeName(t.Args[i]) })
	if t.Name == "vector" {
		w.str(", ")
		w.integer(t.Dimension)
	}
	w.str(">")
}

// statement writes a statement of any kind.
func (w *printer) statement(stmt Statement) {
	switch s := stmt.(type) {
	case *Select:
		w.selectStatement(s)
	case *Insert:
		w.insertStatement(s)
	case *Update:
		w.updateStatement(s)
	case *Delete:
		w.deleteStatement(s)
	case *Batch:
		w.batchStatement(s)
	case *Truncate:
		w.str("TRUNCATE ")
		w.table(s.Table)
	case *Use:
		w.str("USE ")
		w.ident(s.Keyspace)
	case *Describe:
		w.describeStatement(s)
	case *Unsupported:
		w.str(s.Text)
	default:
		if !w.schemaStatement(stmt) {
			w.roleStatement(stmt)
		}
	}
}
