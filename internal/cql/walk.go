package cql

// Walk calls f for the expression at x and for what is in it, outermost first.
// f may replace what it is given, and then sees what is in the new one. There
// is nothing to walk where x holds nil.
func Walk(x *Expr, f func(*Expr)) {
	if *x == nil {
		return
	}
	f(x)
	switch x := (*x).(type) {
	case *ListLiteral:
		WalkAll(x.Elems, f)
	case *SetLiteral:
		WalkAll(x.Elems, f)
	case *TupleLiteral:
		WalkAll(x.Elems, f)
	case *MapLiteral:
		for i := range x.Entries {
			Walk(&x.Entries[i].Key, f)
			Walk(&x.Entries[i].Value, f)
		}
	case *UDTLiteral:
		for i := range x.Fields {
			Walk(&x.Fields[i].Value, f)
		}
	case *FunctionCall:
		WalkAll(x.Args, f)
	case *TypeHint:
		Walk(&x.X, f)
	case *Cast:
		Walk(&x.X, f)
	case *Binary:
		Walk(&x.L, f)
		Walk(&x.R, f)
	case *Negate:
		Walk(&x.X, f)
	case *Element:
		Walk(&x.X, f)
		Walk(&x.Index, f)
	case *SliceOf:
		Walk(&x.X, f)
		Walk(&x.From, f)
		Walk(&x.To, f)
	case *Field:
		Walk(&x.X, f)
	}
}

// WalkAll is Walk for each of a list.
func WalkAll(list []Expr, f func(*Expr)) {
	for i := range list {
		Walk(&list[i], f)
	}
}
