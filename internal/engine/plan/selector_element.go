package plan

import (
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// elementSelector is map[key] or set[element] (ElementsSelector.ElementSelector).
type elementSelector struct {
	x    Selector
	of   *cqltype.Type
	key  Term
	name string
}

func (s *elementSelector) Type() *cqltype.Type { return s.of.Elems[len(s.of.Elems)-1] }

func (s *elementSelector) keyValue(env *Env) ([]byte, error) {
	k, err := s.key.Eval(env)
	switch {
	case err != nil:
		return nil, err
	case k.Unset:
		return nil, cqlerr.Invalidf("Invalid unset value for element selection on %s", s.name)
	case k.Bytes == nil:
		return nil, cqlerr.Invalidf("Invalid null value for element selection on %s", s.name)
	}
	return k.Bytes, nil
}

func (s *elementSelector) Eval(in *Input) ([]byte, error) {
	key, err := s.keyValue(in.Env)
	if err != nil {
		return nil, err
	}
	v, err := s.x.Eval(in)
	if err != nil || v == nil {
		return nil, err
	}
	_, elem := findElement(s.of, v, key)
	return elem, nil
}

// findElement returns the position of the element (entry) with that key and
// its value, -1 and nil when there is none.
func findElement(t *cqltype.Type, wire, key []byte) (int, []byte) {
	i := 0
	for it := t.Iter(wire); it.Next(); i++ {
		found := t.Elems[0].Compare(it.Elem(), key) == 0
		if t.Kind == cqltype.Map && !it.Next() {
			break
		}
		if found {
			return i, it.Elem()
		}
	}
	return -1, nil
}

// sliceSelector is collection[from..to], both ends included
// (ElementsSelector.SliceSelector).
type sliceSelector struct {
	x        Selector
	of       *cqltype.Type
	from, to Term // nil: open
	name     string
}

func (s *sliceSelector) Type() *cqltype.Type { return s.of }

func (s *sliceSelector) Eval(in *Input) ([]byte, error) {
	v, err := s.x.Eval(in)
	if err != nil || v == nil {
		return nil, err
	}
	from, to, err := s.ends(in.Env)
	if err != nil {
		return nil, err
	}
	start, end, values := s.within(v, from, to)
	if start == end && s.of.IsMultiCell() {
		return nil, nil // an empty collection that is not frozen is null
	}
	return packElements(values, end-start), nil
}

func (s *sliceSelector) ends(env *Env) (from, to []byte, err error) {
	if s.from != nil {
		if from, err = s.end(s.from, env); err != nil {
			return nil, nil, err
		}
	}
	if s.to != nil {
		if to, err = s.end(s.to, env); err != nil {
			return nil, nil, err
		}
	}
	return from, to, nil
}

// end is one end of the slice; unset is open.
func (s *sliceSelector) end(t Term, env *Env) ([]byte, error) {
	v, err := t.Eval(env)
	if err == nil && v.Bytes == nil && !v.Unset {
		err = cqlerr.Invalidf("Invalid null value for slice selection on %s", s.name)
	}
	return v.Bytes, err
}

// within returns the positions [start, end) of the elements in the slice, and
// the elements (keys and values in turn).
func (s *sliceSelector) within(wire, from, to []byte) (start, end int, values [][]byte) {
	t, i := s.of, 0
	for it := t.Iter(wire); it.Next(); i++ {
		key := it.Elem()
		if t.Kind == cqltype.Map && !it.Next() {
			break
		}
		if from != nil && t.Elems[0].Compare(key, from) < 0 {
			start, end = i+1, i+1
			continue
		}
		if to != nil && t.Elems[0].Compare(key, to) > 0 {
			break
		}
		end = i + 1
		values = append(values, key)
		if t.Kind == cqltype.Map {
			values = append(values, it.Elem())
		}
	}
	return start, end, values
}
