package plan

import (
	"encoding/binary"
	"math"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/store"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// isTimesFunction recognizes writetime, maxwritetime and ttl, which look at
// cells instead of values.
func isTimesFunction(f *cql.FunctionCall) bool {
	return f.Keyspace == "" && (f.Name == "writetime" || f.Name == "maxwritetime" || f.Name == "ttl") && len(f.Args) == 1
}

// rootColumn is the name of the column that e selects of, "" if of none.
func rootColumn(e cql.Expr) string {
	for {
		switch x := e.(type) {
		case *cql.Column:
			return x.Name
		case *cql.Element:
			e = x.X
		case *cql.SliceOf:
			e = x.X
		case *cql.Field:
			e = x.X
		default:
			return ""
		}
	}
}

// times prepares writetime(x), maxwritetime(x) and ttl(x)
// (Selectable.WritetimeOrTTL).
func (s *selection) times(f *cql.FunctionCall) (*selected, error) {
	name := rootColumn(f.Args[0])
	if name == "" {
		return nil, cqlerr.Syntaxf("%s can only be applied to a column or to an element, slice or field of one", f.Name)
	}
	col, err := s.c.Column(s.table, name)
	if err != nil {
		return nil, err
	}
	if col.Kind == schema.PartitionKey || col.Kind == schema.Clustering {
		return nil, cqlerr.Invalidf("Cannot use selection function %s on PRIMARY KEY part %s", f.Name, col.Name)
	}
	x, err := s.prepare(f.Args[0], nil)
	if err != nil {
		return nil, err
	}
	of, ok := x.Selector.(timed)
	if !ok {
		return nil, cqlerr.Invalidf("%s cannot be applied to %s", f.Name, x.name)
	}
	s.needCells = true
	sel := &timesSelector{x: of, ttl: f.Name == "ttl", max: f.Name == "maxwritetime"}
	sel.typ = timesResult(f.Name, x.Type())
	return &selected{Selector: sel, name: f.Name + "(" + x.name + ")", column: -1}, nil
}

func timesResult(name string, of *cqltype.Type) *cqltype.Type {
	t := cqltype.TypeBigint
	if name == "ttl" {
		t = cqltype.TypeInt
	}
	if of.IsMultiCell() && name != "maxwritetime" {
		return cqltype.NewList(t, false)
	}
	return t
}

// timesType is the type of a writetime, maxwritetime or ttl, as calls around it see
// it: by its column.
func (s *selection) timesType(f *cql.FunctionCall) *cqltype.Type {
	col := s.table.Columns[rootColumn(f.Args[0])]
	if col == nil {
		return nil
	}
	return timesResult(f.Name, col.Type)
}

// times are the write times (or remaining TTLs) of what a selector selects:
// none, one, or one for each element (ColumnTimestamps).
type times struct {
	multi  bool
	values []int64
}

// noTime stands for a cell that is not there, or has no TTL.
const noTime = math.MinInt64

// timed is a Selector that knows the times of its cells.
type timed interface {
	Selector
	times(in *Input, ttl bool) (times, error)
}

func cellTime(c *store.Cell, ttl bool, now int64) int64 {
	switch {
	case !ttl:
		return c.Timestamp
	case c.Expires == 0 || c.Expires < now:
		return noTime
	}
	return c.Expires - now
}

func (s *columnSelector) times(in *Input, ttl bool) (times, error) {
	cells, now := in.Cells[s.index], in.Env.NowSeconds
	if !s.typ.IsMultiCell() {
		if len(cells) == 0 {
			return times{}, nil
		}
		return times{values: []int64{cellTime(&cells[0], ttl, now)}}, nil
	}
	if s.typ.Kind == cqltype.UDT && len(cells) > 0 {
		t := times{multi: true, values: make([]int64, len(s.typ.Elems))}
		for i := range t.values {
			t.values[i] = noTime
		}
		var path []byte
		for i := range cells {
			var err error
			if path, err = store.DecodePath(path[:0], s.typ, cells[i].Path); err != nil {
				return times{}, err
			}
			if len(path) != 2 {
				continue
			}
			if f := int(binary.BigEndian.Uint16(path)); f < len(t.values) {
				t.values[f] = cellTime(&cells[i], ttl, now)
			}
		}
		return t, nil
	}
	t := times{multi: true, values: make([]int64, len(cells))}
	for i := range cells {
		t.values[i] = cellTime(&cells[i], ttl, now)
	}
	return t, nil
}

func (s *fieldSelector) times(in *Input, ttl bool) (times, error) {
	v, err := s.Eval(in)
	if err != nil || v == nil {
		return times{}, err
	}
	return timesOf(s.x, in, ttl, s.index)
}

func (s *elementSelector) times(in *Input, ttl bool) (times, error) {
	key, err := s.keyValue(in.Env)
	if err != nil {
		return times{}, err
	}
	v, err := s.x.Eval(in)
	if err != nil || v == nil {
		return times{}, err
	}
	i, _ := findElement(s.of, v, key)
	if i < 0 {
		return times{}, nil
	}
	return timesOf(s.x, in, ttl, i)
}

// timesOf is the time of element i of what x selects; that of x itself when it
// is one cell.
func timesOf(x Selector, in *Input, ttl bool, i int) (times, error) {
	of, ok := x.(timed)
	if !ok {
		return times{}, nil
	}
	t, err := of.times(in, ttl)
	if err != nil || !t.multi {
		return t, err
	}
	if i >= len(t.values) {
		return times{}, nil
	}
	return times{values: t.values[i : i+1]}, nil
}

func (s *sliceSelector) times(in *Input, ttl bool) (times, error) {
	v, err := s.x.Eval(in)
	of, ok := s.x.(timed)
	if err != nil || v == nil || !ok {
		return times{}, err
	}
	from, to, err := s.ends(in.Env)
	if err != nil {
		return times{}, err
	}
	start, end, _ := s.within(v, from, to)
	t, err := of.times(in, ttl)
	if err != nil || start == end {
		return times{}, err
	}
	if t.multi && end <= len(t.values) {
		t.values = t.values[start:end]
	}
	return t, nil
}

// timesSelector is writetime, maxwritetime or ttl.
type timesSelector struct {
	x        timed
	ttl, max bool
	typ      *cqltype.Type
}

func (s *timesSelector) Type() *cqltype.Type { return s.typ }

func (s *timesSelector) Eval(in *Input) ([]byte, error) {
	t, err := s.x.times(in, s.ttl)
	if err != nil || len(t.values) == 0 {
		return nil, err
	}
	if s.max {
		greatest := t.values[0]
		for _, v := range t.values {
			greatest = max(greatest, v)
		}
		return s.wire(greatest), nil
	}
	if !t.multi {
		return s.wire(t.values[0]), nil
	}
	elems := make([][]byte, len(t.values))
	for i, v := range t.values {
		elems[i] = s.wire(v)
	}
	return packElements(elems, len(elems)), nil
}

func (s *timesSelector) wire(v int64) []byte {
	switch {
	case v == noTime:
		return nil
	case s.ttl:
		return binary.BigEndian.AppendUint32(nil, uint32(v))
	}
	return binary.BigEndian.AppendUint64(nil, uint64(v))
}
