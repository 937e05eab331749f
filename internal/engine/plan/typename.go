package plan

import (
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// maxTypeDepth is how deep type names may nest, frozen<> apart.
const maxTypeDepth = cqltype.MaxDepth

// Type resolves a type as written: user types are looked up in keyspace (of
// the statement's table or type). Errors are Cassandra's (CQL3Type.Raw.prepare):
// unknown types, frozen<> of what can't be frozen, non-frozen collections
// inside collections, counters and durations where they can't be.
func (c *Context) Type(n cql.TypeName, keyspace string) (*cqltype.Type, error) {
	return c.resolveType(n, keyspace, false, 0)
}

// resolveType is Type within frozen<> when frozen is set: everything freezable
// below is frozen too.
func (c *Context) resolveType(n cql.TypeName, keyspace string, frozen bool, depth int) (*cqltype.Type, error) {
	if depth > maxTypeDepth {
		return nil, cqlerr.Invalidf("Types are nested more than %d deep", maxTypeDepth)
	}
	switch {
	case n.Class != "":
		return customType(n.Class)
	case n.Quoted || n.Keyspace != "":
		return c.userType(n, keyspace, frozen)
	case n.Name == "frozen" && len(n.Args) == 1:
		if !freezable(n.Args[0]) {
			return nil, cqlerr.Syntaxf("frozen<> is only allowed on collections, tuples, and user-defined types (got %s)", TypeText(n.Args[0]))
		}
		return c.resolveType(n.Args[0], keyspace, true, depth) // the parser bounds these
	case isCollectionName(n):
		return c.collectionType(n, keyspace, frozen, depth)
	case n.Name == "tuple" && len(n.Args) > 0:
		return c.tupleType(n, keyspace, depth)
	case n.Name == "vector" && len(n.Args) == 1:
		return c.vectorType(n, keyspace, depth)
	}
	if t := cqltype.Native(n.Name); t != nil && len(n.Args) == 0 {
		return t, nil
	}
	return c.userType(n, keyspace, frozen)
}

func isCollectionName(n cql.TypeName) bool {
	if n.Quoted || n.Keyspace != "" || n.Class != "" {
		return false
	}
	switch n.Name {
	case "list", "set":
		return len(n.Args) == 1
	case "map":
		return len(n.Args) == 2
	}
	return false
}

// freezable reports whether a type can stand in frozen<> (Raw.supportsFreezing).
func freezable(n cql.TypeName) bool {
	return n.Class == "" && (n.Quoted || n.Keyspace != "" || cqltype.Native(n.Name) == nil)
}

func isNative(n cql.TypeName, name string) bool {
	return n.Name == name && !n.Quoted && n.Keyspace == "" && len(n.Args) == 0
}

func (c *Context) collectionType(n cql.TypeName, keyspace string, frozen bool, depth int) (*cqltype.Type, error) {
	value := n.Args[len(n.Args)-1]
	var key *cql.TypeName
	if n.Name == "map" {
		key = &n.Args[0]
	}
	if err := checkElement(n, value, frozen); err != nil {
		return nil, err
	}
	switch {
	case isNative(value, "counter"):
		return nil, cqlerr.Invalidf("Counters are not allowed inside collections: %s", typeText(n, frozen))
	case n.Name == "set" && isNative(value, "duration"):
		return nil, cqlerr.Invalidf("Durations are not allowed inside sets: %s", typeText(n, frozen))
	case key != nil && isNative(*key, "counter"):
		return nil, cqlerr.Invalidf("Counters are not allowed inside collections: %s", typeText(n, frozen))
	case key != nil && isNative(*key, "duration"):
		return nil, cqlerr.Invalidf("Durations are not allowed as map keys: %s", typeText(n, frozen))
	}
	if key != nil {
		if err := checkElement(n, *key, frozen); err != nil {
			return nil, err
		}
	}
	elems := make([]*cqltype.Type, len(n.Args))
	for i, a := range n.Args {
		t, err := c.resolveType(a, keyspace, frozen, depth+1)
		if err != nil {
			return nil, err
		}
		elems[i] = t
	}
	kind := map[string]cqltype.Kind{"list": cqltype.List, "set": cqltype.Set, "map": cqltype.Map}[n.Name]
	return &cqltype.Type{Kind: kind, Frozen: frozen, Elems: elems}, nil
}

// checkElement refuses what is not frozen inside a collection that is not.
func checkElement(collection, elem cql.TypeName, frozen bool) error {
	if frozen || !freezable(elem) || isFrozenName(elem) {
		return nil
	}
	if isCollectionName(elem) {
		return cqlerr.Invalidf("Non-frozen collections are not allowed inside collections: %s", TypeText(collection))
	}
	return cqlerr.Invalidf("Non-frozen UDTs are not allowed inside collections: %s", TypeText(collection))
}

// isFrozenName reports whether values of the type are frozen as it is written:
// tuples and vectors always are. Without arguments these are names of user types.
func isFrozenName(n cql.TypeName) bool {
	return len(n.Args) > 0 && !n.Quoted && n.Keyspace == "" && (n.Name == "frozen" || n.Name == "tuple" || n.Name == "vector")
}

func (c *Context) tupleType(n cql.TypeName, keyspace string, depth int) (*cqltype.Type, error) {
	fields := make([]*cqltype.Type, len(n.Args))
	for i, a := range n.Args {
		if isNative(a, "counter") {
			return nil, cqlerr.Invalidf("Counters are not allowed inside tuples")
		}
		t, err := c.resolveType(a, keyspace, true, depth+1)
		if err != nil {
			return nil, err
		}
		fields[i] = t
	}
	return cqltype.NewTuple(fields...), nil
}

func (c *Context) vectorType(n cql.TypeName, keyspace string, depth int) (*cqltype.Type, error) {
	if n.Dimension <= 0 {
		return nil, cqlerr.Invalidf("vectors may only have positive dimensions; given %d", n.Dimension)
	}
	t, err := c.resolveType(n.Args[0], keyspace, false, depth+1)
	if err != nil {
		return nil, err
	}
	return cqltype.NewVector(t, n.Dimension), nil
}

func (c *Context) userType(n cql.TypeName, keyspace string, frozen bool) (*cqltype.Type, error) {
	if n.Keyspace != "" && keyspace != "" && n.Keyspace != keyspace {
		return nil, cqlerr.Invalidf("Statement on keyspace %s cannot refer to a user type in keyspace %s; "+
			"user types can only be used in the keyspace they are defined in", keyspace, n.Keyspace)
	}
	if keyspace == "" {
		keyspace = n.Keyspace
	}
	ks := c.Schema.Keyspaces[keyspace]
	if ks == nil || ks.Types[n.Name] == nil {
		return nil, cqlerr.Invalidf("Unknown type %s.%s", keyspace, n.Name)
	}
	t := ks.Types[n.Name]
	if frozen {
		return t.AsFrozen(), nil
	}
	if t.Frozen {
		u := *t
		u.Frozen = false
		return &u, nil
	}
	return t, nil
}

// customType resolves a type given as a Java class name.
func customType(class string) (*cqltype.Type, error) {
	t, _, err := cqltype.ParseClassName(class)
	if head, _, ok := strings.Cut(class, "("); err != nil && ok {
		return nil, cqlerr.Syntaxf("Error setting type %s: Invalid definition for comparator %s.", class, qualifiedClass(head))
	}
	if err != nil {
		return nil, cqlerr.Syntaxf("Error setting type %s: Unable to find abstract-type class '%s'", class, qualifiedClass(class))
	}
	return t, nil
}

// qualifiedClass is the full name of a class of Cassandra's own types.
func qualifiedClass(class string) string {
	if strings.Contains(class, ".") {
		return class
	}
	return "org.apache.cassandra.db.marshal." + class
}
