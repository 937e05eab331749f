package plan

import (
	"encoding/hex"
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/function"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// maskFunctions are the native functions that can mask a column.
var maskFunctions = []string{"mask_default", "mask_hash", "mask_inner", "mask_null", "mask_outer", "mask_replace"}

// maskedArg is the first argument of a mask, which is the column's value.
type maskedArg struct{ t *cqltype.Type }

func (a maskedArg) Type() *cqltype.Type { return a.t }
func (a maskedArg) String() string      { return a.t.ClassName() }

func (a maskedArg) AssignableTo(t *cqltype.Type) function.Assignability {
	switch typeFit(a.t, t) {
	case noFit:
		return function.NotAssignable
	case exactFit:
		return function.ExactMatch
	}
	return function.WeaklyAssignable
}

// Mask checks the function of MASKED WITH for a column
// (org.apache.cassandra.cql3.functions.masking.ColumnMask.Raw.prepare).
func (c *Context) Mask(col *schema.Column, e *cql.FunctionCall) (*schema.Mask, error) {
	k, r := callOf(e), ReceiverOf(col)
	shown := k.String() + "(" + exprTexts(k.args) + ")"
	fn, err := c.maskFunction(k, r)
	switch {
	case err != nil:
		return nil, err
	case fn == nil:
		return nil, cqlerr.Invalidf("Unable to find masking function for %s, no declared function matches the signature %s", col.Name, shown)
	case fn.Aggregate:
		return nil, cqlerr.Invalidf("Aggregate function %s cannot be used for masking table columns", shown)
	case !slices.Contains(maskFunctions, fn.Name):
		return nil, cqlerr.Invalidf("Not-masking function %s cannot be used for masking table columns", shown)
	case !fn.Return.Same(col.Type):
		return nil, cqlerr.Invalidf("Masking function %s return type is %s. This is different to the type of the masked column %s of type %s. "+
			"Masking functions can only be attached to table columns if they return the same data type as the masked column.",
			shown, fn.Return, col.Name, col.Type)
	}
	m := &schema.Mask{Function: fn.Name}
	for i, x := range k.args {
		a, err := c.maskArgument(fn, x, Receiver{Keyspace: r.Keyspace, Table: r.Table, Name: argName(i+1, fn.Name), Type: fn.Args[i+1]})
		if err != nil {
			return nil, err
		}
		m.Arguments = append(m.Arguments, a)
	}
	return m, nil
}

// maskFunction finds the function, nil when there is none of the name.
func (c *Context) maskFunction(k call, r Receiver) (*function.Function, error) {
	if k.keyspace != "" && k.keyspace != "system" {
		return nil, nil
	}
	args := []function.Arg{maskedArg{r.Type}}
	for i, x := range k.args {
		args = append(args, termArg{c, x, Receiver{Keyspace: r.Keyspace, Table: r.Table, Name: argName(i+1, k.name)}})
	}
	return function.Resolve(k.name, args, r.Type, false, nil)
}

func (c *Context) maskArgument(fn *function.Function, x cql.Expr, r Receiver) (a schema.MaskArgument, err error) {
	if isMarker(x) {
		return a, cqlerr.Invalidf("Bind variables are not allowed in the arguments of a column mask")
	}
	term, err := c.Term(x, r)
	if err != nil {
		return a, err
	}
	v, err := term.Eval(&Env{})
	if err != nil {
		return a, err
	}
	a = schema.MaskArgument{Type: r.Type.String(), Literal: "null", Null: v.Bytes == nil}
	if r.Type.Kind == cqltype.Ascii && fn.Name != "mask_replace" {
		a.Type = cqltype.TypeText.String() // the parameter's own type
	}
	if !a.Null {
		a.Literal = string(r.Type.AppendLiteral(nil, v.Bytes))
		a.Text = maskText(r.Type, v.Bytes, a.Literal)
	}
	return a, nil
}

// maskText is a value as AbstractType.getString shows it: text without quotes,
// collections as the hexadecimal digits of their bytes.
func maskText(t *cqltype.Type, value []byte, literal string) string {
	switch {
	case t.Kind == cqltype.Text || t.Kind == cqltype.Ascii:
		return string(value)
	case t.Kind == cqltype.Blob || len(t.Elems) > 0:
		return hex.EncodeToString(value)
	}
	return strings.Trim(literal, "'")
}

func exprTexts(list []cql.Expr) string {
	texts := make([]string, len(list))
	for i, x := range list {
		texts[i] = text(x)
	}
	return strings.Join(texts, ", ")
}
