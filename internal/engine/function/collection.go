package function

import "github.com/astrolabe-db/astrolabe/internal/cqltype"

// addCollections adds map_keys, collection_sum and so on (CollectionFcts).
func addCollections(r *functions) {
	anyMap := parameter{ascending: true, text: "map", want: "a map argument", accepts: func(t *cqltype.Type) bool { return t.Kind == cqltype.Map }}
	anyCollection := parameter{ascending: true, text: "collection", want: "a collection argument", accepts: (*cqltype.Type).IsCollection}
	setOrList := parameter{ascending: true, text: "numeric_set_or_list", want: "a set or list argument", accepts: isSetOrList}
	numericSetOrList := parameter{ascending: true, text: "numeric_set_or_list", want: "a numeric set/list argument",
		accepts: func(t *cqltype.Type) bool { return isSetOrList(t) && isNumber(t.Elems[0]) }}

	add := func(name string, p parameter, make func(name string, t *cqltype.Type) *Function) {
		r.addGeneric(&generic{name: name, params: []parameter{p},
			make: func(name string, args []*cqltype.Type, _ *cqltype.Type) (*Function, error) {
				return make(name, args[0]), nil
			}})
	}
	add("map_keys", anyMap, func(name string, t *cqltype.Type) *Function {
		return mapPart(name, t, cqltype.NewSet(t.Elems[0], true), 0)
	})
	add("map_values", anyMap, func(name string, t *cqltype.Type) *Function {
		return mapPart(name, t, cqltype.NewList(t.Elems[1], true), 1)
	})
	add("collection_count", anyCollection, func(name string, t *cqltype.Type) *Function {
		return strict(name, cqltype.TypeInt, types(t), func(args [][]byte) ([]byte, error) {
			it := t.Iter(args[0])
			return appendInteger(int64(it.Len()/len(t.Elems)), 4), nil
		})
	})
	add("collection_min", setOrList, over(func(t *cqltype.Type) *Function { return extreme("min", t, -1) }))
	add("collection_max", setOrList, over(func(t *cqltype.Type) *Function { return extreme("max", t, 1) }))
	add("collection_sum", numericSetOrList, over(sumOf))
	add("collection_avg", numericSetOrList, over(avgOf))
}

func isSetOrList(t *cqltype.Type) bool { return t.Kind == cqltype.Set || t.Kind == cqltype.List }

func isNumber(t *cqltype.Type) bool {
	for _, n := range numeric {
		if n.Kind == t.Kind {
			return true
		}
	}
	return false
}

// mapPart is the keys (0) or values (1) of a map, in the order of the keys.
func mapPart(name string, t, ret *cqltype.Type, part int) *Function {
	return strict(name, ret, types(t), func(args [][]byte) ([]byte, error) {
		it := t.Iter(args[0])
		out := cqltype.AppendCount(nil, it.Len()/2)
		for i := 0; it.Next(); i++ {
			if i%2 == part {
				out = cqltype.AppendElement(out, it.Elem())
			}
		}
		return out, nil
	})
}

// over makes an aggregate of the elements into a function of the collection.
func over(aggregate func(elem *cqltype.Type) *Function) func(name string, t *cqltype.Type) *Function {
	return func(name string, t *cqltype.Type) *Function {
		a := aggregate(t.Elems[0])
		return strict(name, a.Return, types(t), func(args [][]byte) ([]byte, error) {
			state := a.NewState()
			for it := t.Iter(args[0]); it.Next(); {
				if err := state.Add([][]byte{it.Elem()}); err != nil {
					return nil, err
				}
			}
			return state.Result()
		})
	}
}
