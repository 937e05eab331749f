package function

import "github.com/astrolabe-db/astrolabe/internal/cqltype"

// registry holds all native functions by name.
var registry = func() *functions {
	r := &functions{fixed: map[string][]*Function{}, generic: map[string][]*generic{}}
	addOperators(r)
	addCasts(r)
	addTime(r)
	addUUID(r)
	addJSON(r)
	addAggregates(r)
	addCollections(r)
	addBlob(r)
	addMath(r)
	addMasks(r)
	addVectors(r)
	return r
}()

// functions are the overloads of fixed types and the generic ones, by name.
type functions struct {
	fixed   map[string][]*Function
	generic map[string][]*generic
}

// add registers f, and again under a name it had before Cassandra 5.0.
func (r *functions) add(f *Function, legacy ...string) {
	r.fixed[f.Name] = append(r.fixed[f.Name], f)
	for _, name := range legacy {
		r.fixed[name] = append(r.fixed[name], f.named(name))
	}
}

// named is f under another name.
func (f *Function) named(name string) *Function {
	c := *f
	c.Name = name
	return &c
}

// numeric are the number types in the order Cassandra lists them.
var numeric = types(cqltype.TypeTinyint, cqltype.TypeSmallint, cqltype.TypeInt, cqltype.TypeBigint, cqltype.TypeFloat,
	cqltype.TypeDouble, cqltype.TypeDecimal, cqltype.TypeVarint, cqltype.TypeCounter)
