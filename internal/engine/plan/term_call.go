package plan

import (
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/function"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// operatorFunction is the name of the native function of an operator
// (OperationFcts).
func operatorFunction(op byte) string {
	switch op {
	case '+':
		return "_add"
	case '-':
		return "_substract"
	case '*':
		return "_multiply"
	case '/':
		return "_divide"
	}
	return "_modulo"
}

// castFunction is the name of the native function of a cast
// (CastFcts.getFunctionName).
func castFunction(t cql.TypeName) string {
	name := t.Name
	if name == "varchar" {
		name = "text"
	}
	return "cast_as_" + strings.ToLower(name)
}

// call is a call as written: of a function, an operator or a cast.
type call struct {
	keyspace, name string
	args           []cql.Expr
}

func callOf(e cql.Expr) call {
	switch e := e.(type) {
	case *cql.FunctionCall:
		return call{e.Keyspace, e.Name, e.Args}
	case *cql.Binary:
		return call{"system", operatorFunction(e.Op), []cql.Expr{e.L, e.R}}
	case *cql.Negate:
		return call{"system", "_negate", []cql.Expr{e.X}}
	case *cql.Cast:
		return call{"system", castFunction(e.Type), []cql.Expr{e.X}}
	}
	return call{}
}

func (k call) String() string {
	if k.keyspace != "" {
		return k.keyspace + "." + k.name
	}
	return k.name
}

// termArg is an argument of a call whose overload is to be found.
type termArg struct {
	c    *Context
	e    cql.Expr
	recv Receiver
}

func (a termArg) Type() *cqltype.Type { return a.c.exactType(a.e, a.recv.Keyspace) }
func (a termArg) String() string      { return text(a.e) }
func (a termArg) IsMarker() bool      { return isMarker(a.e) }

func (a termArg) CompatibleType() *cqltype.Type { return a.c.compatibleType(a.e, a.recv.Keyspace) }

func (a termArg) AssignableTo(t *cqltype.Type) function.Assignability {
	r := a.recv
	r.Type = t
	return a.c.fit(a.e, r)
}

func isMarker(e cql.Expr) bool {
	_, ok := e.(*cql.BindMarker)
	return ok
}

// callKey is a call, in the tree, and where its value goes.
type callKey struct {
	e        cql.Expr
	keyspace string
	name     string
	typ      *cqltype.Type
}

// callFound is what resolve found.
type callFound struct {
	fn  *function.Function
	err error
}

// resolve finds the function of a call for a receiver (whose type may be nil:
// unknown). It returns nil when there is none of that name. Calls within calls
// are asked for again for each overload of the outer ones, so the answers are
// kept.
func (c *Context) resolve(e cql.Expr, r Receiver) (*function.Function, error) {
	key := callKey{e, r.Keyspace, r.Name, r.Type}
	if found, ok := c.calls[key]; ok {
		return found.fn, found.err
	}
	fn, err := c.findFunction(e, r)
	if c.calls == nil {
		c.calls = map[callKey]callFound{}
	}
	c.calls[key] = callFound{fn, err}
	return fn, err
}

func (c *Context) findFunction(e cql.Expr, r Receiver) (*function.Function, error) {
	k := callOf(e)
	if k.keyspace != "" && k.keyspace != "system" {
		return nil, nil // there are no user functions
	}
	args := make([]function.Arg, len(k.args))
	for i, x := range k.args {
		args[i] = termArg{c, x, Receiver{Keyspace: r.Keyspace, Table: r.Table, Name: argName(i, k.name)}}
	}
	return function.Resolve(k.name, args, r.Type, c.reversed(r), c.partitionKeyTypes(r))
}

// reversed reports whether a value goes to a clustering column in descending
// order.
func (c *Context) reversed(r Receiver) bool {
	if c.Schema == nil || r.Type == nil {
		return false
	}
	t := c.Schema.Table(r.Keyspace, r.Table)
	return t != nil && t.Columns[r.Name] != nil && t.Columns[r.Name].Desc
}

// argName is the name of a call's argument in bind metadata and error texts
// (FunctionResolver.makeArgSpec).
func argName(i int, function string) string {
	return "arg" + strconv.Itoa(i) + "(system." + strings.ToLower(function) + ")"
}

// partitionKeyTypes are the types that token() takes in statements on the
// receiver's table.
func (c *Context) partitionKeyTypes(r Receiver) []*cqltype.Type {
	if c.Schema == nil {
		return nil
	}
	return typesOf(c.Schema.Table(r.Keyspace, r.Table))
}

func typesOf(t *schema.Table) []*cqltype.Type {
	if t == nil {
		return nil
	}
	types := make([]*cqltype.Type, len(t.PartitionKey))
	for i, col := range t.PartitionKey {
		types[i] = col.Type
	}
	return types
}

func (c *Context) callTerm(e cql.Expr, r Receiver) (Term, error) {
	k := callOf(e)
	fn, err := c.resolve(e, r)
	if err != nil {
		return nil, err
	}
	if fn == nil {
		return nil, cqlerr.Invalidf("Unknown function %s called", k)
	}
	if fn.Aggregate {
		return nil, cqlerr.Invalidf("Aggregation function are not supported in the where clause")
	}
	// What functions make of collections is frozen, and does not fit what is not
	// (CollectionType.isValueCompatibleWith).
	thawed := fn.Return.IsCollection() && fn.Return.Frozen && r.Type.IsCollection() && r.Type.IsMultiCell()
	if thawed || typeFit(fn.Return, r.Type) == noFit {
		if op, ok := e.(*cql.Binary); ok {
			return nil, cqlerr.Invalidf("Type error: cannot assign result of operation %c (type %s) to %s (type %s)", op.Op, fn.Return, r.Name, r.Type)
		}
		return nil, cqlerr.Invalidf("Type error: cannot assign result of function system.%s (type %s) to %s (type %s)", fn.Name, fn.Return, r.Name, r.Type)
	}
	if len(fn.Args) != len(k.args) {
		return nil, cqlerr.Invalidf("Incorrect number of arguments specified for function system.%s (expected %d, found %d)", fn.Name, len(fn.Args), len(k.args))
	}
	t := &callTerm{fn: fn, args: make([]Term, len(k.args))}
	for i, x := range k.args {
		ar := Receiver{Keyspace: r.Keyspace, Table: r.Table, Name: argName(i, fn.Name), Type: fn.Args[i]}
		if t.args[i], err = c.Term(x, ar); err != nil {
			return nil, err
		}
	}
	return folded(t)
}

// callTerm is a call of a scalar function.
type callTerm struct {
	fn   *function.Function
	args []Term
}

func (t *callTerm) Type() *cqltype.Type { return t.fn.Return }

func (t *callTerm) Eval(env *Env) (backend.Value, error) {
	args := make([][]byte, len(t.args))
	for i, a := range t.args {
		v, err := a.Eval(env)
		if err != nil {
			return v, err
		}
		if v.Unset {
			return v, unsetArgument(t.fn)
		}
		args[i] = v.Bytes
	}
	b, err := t.fn.Call(&function.Env{NowMicros: env.NowMicros}, args)
	return backend.Value{Bytes: b}, err
}

func unsetArgument(fn *function.Function) error {
	return cqlerr.Invalidf("Invalid unset value for argument in call to function %s", fn.Name)
}
