package plan

import (
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// text is e as error texts and names of result columns show it
// (Term.Raw.getText): not quite CQL, strings are not escaped.
func text(e cql.Expr) string {
	switch e := e.(type) {
	case *cql.Literal:
		switch e.Kind {
		case cql.StringLiteral:
			return "'" + e.Text + "'"
		case cql.NullLiteral:
			return "NULL"
		}
		return e.Text
	case *cql.BindMarker:
		return "?"
	case *cql.ListLiteral:
		return "[" + texts(e.Elems) + "]"
	case *cql.SetLiteral:
		return "{" + texts(e.Elems) + "}"
	case *cql.MapLiteral:
		parts := make([]string, len(e.Entries))
		for i, x := range e.Entries {
			parts[i] = text(x.Key) + ": " + text(x.Value)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case *cql.UDTLiteral:
		fields := hashed(e.Fields)
		parts := make([]string, len(fields))
		for i, f := range fields {
			parts[i] = f.Name + ": " + text(f.Value)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case *cql.TupleLiteral:
		return "(" + texts(e.Elems) + ")"
	case *cql.TypeHint:
		return "(" + TypeText(e.Type) + ")" + text(e.X)
	case *cql.Column:
		return e.Name
	case *cql.Element:
		return text(e.X) + "[" + text(e.Index) + "]"
	case *cql.SliceOf:
		return text(e.X) + "[" + optionalText(e.From) + ".." + optionalText(e.To) + "]"
	case *cql.Field:
		return text(e.X) + "." + e.Name
	}
	return callText(e)
}

// callText is text for calls. Operations and casts are calls of functions
// whose internal names show.
func callText(e cql.Expr) string {
	switch e := e.(type) {
	case *cql.FunctionCall:
		name := cqltype.QuoteIdentifier(e.Name)
		if e.Name == "token" {
			name = e.Name
		}
		if e.Keyspace != "" {
			name = cqltype.QuoteIdentifier(e.Keyspace) + "." + name
		}
		return name + "(" + texts(e.Args) + ")"
	case *cql.Binary:
		return `system."` + operatorFunction(e.Op) + `"(` + text(e.L) + ", " + text(e.R) + ")"
	case *cql.Negate:
		return `system."_negate"(` + text(e.X) + ")"
	case *cql.Cast:
		return "system." + castFunction(e.Type) + "(" + text(e.X) + ")"
	}
	return ""
}

func texts(elems []cql.Expr) string {
	parts := make([]string, len(elems))
	for i, e := range elems {
		parts[i] = text(e)
	}
	return strings.Join(parts, ", ")
}

func optionalText(e cql.Expr) string {
	if e == nil {
		return ""
	}
	return text(e)
}

// TypeText is a type as error texts show it before it is resolved
// (CQL3Type.Raw.toString).
func TypeText(n cql.TypeName) string { return typeText(n, false) }

// typeText is TypeText of n within frozen<>, which freezes everything below.
func typeText(n cql.TypeName, frozen bool) string {
	builtin := !n.Quoted && n.Keyspace == "" && n.Class == ""
	switch {
	case n.Class != "":
		return "'" + n.Class + "'"
	case builtin && n.Name == "frozen" && len(n.Args) == 1:
		return typeText(n.Args[0], true)
	case builtin && n.Name == "vector" && len(n.Args) == 1:
		return "vector<" + typeText(n.Args[0], false) + ", " + strconv.Itoa(n.Dimension) + ">"
	case builtin && n.Name == "tuple" && len(n.Args) > 0:
		return "tuple<" + typeTexts(n.Args, true) + ">"
	case builtin && cqltype.Native(n.Name) != nil:
		return n.Name
	}
	name := n.Name
	if n.Keyspace != "" {
		name = n.Keyspace + "." + name
	}
	if len(n.Args) > 0 {
		name += "<" + typeTexts(n.Args, frozen) + ">"
	}
	if frozen {
		return "frozen<" + name + ">"
	}
	return name
}

// qualified is n with user types as they are shown once they were looked up in
// a keyspace: with it.
func qualified(n cql.TypeName, keyspace string) cql.TypeName {
	args := make([]cql.TypeName, len(n.Args))
	for i, a := range n.Args {
		args[i] = qualified(a, keyspace)
	}
	n.Args = args
	if len(args) == 0 && n.Class == "" && n.Keyspace == "" && (n.Quoted || cqltype.Native(n.Name) == nil) {
		n.Keyspace = keyspace
	}
	return n
}

func typeTexts(args []cql.TypeName, frozen bool) string {
	parts := make([]string, len(args))
	for i, a := range args {
		parts[i] = typeText(a, frozen)
	}
	return strings.Join(parts, ", ")
}
