package native

import (
	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// smallBind is up to how many comparisons named values are searched for one by
// one.
const smallBind = 1 << 10

// bind puts the values in the order of the bind variables. Of named values,
// those without a variable are left out, and of two with the same name the
// first counts (QueryOptions.OptionsWithNames).
func (r *request) bind(params *wire.QueryParams, variables []backend.Column) {
	r.values = r.values[:0]
	if len(params.Names) == 0 {
		for _, v := range params.Values {
			r.values = append(r.values, backend.Value(v))
		}
		return
	}
	if len(params.Names)*len(variables) <= smallBind {
		for i := range variables {
			for j, name := range params.Names {
				if string(name) == variables[i].Name {
					r.values = append(r.values, backend.Value(params.Values[j]))
					break
				}
			}
		}
		return
	}
	byName := make(map[string]int, len(params.Names))
	for j, name := range params.Names {
		if _, ok := byName[string(name)]; !ok {
			byName[string(name)] = j
		}
	}
	for i := range variables {
		if j, ok := byName[variables[i].Name]; ok {
			r.values = append(r.values, backend.Value(params.Values[j]))
		}
	}
}
